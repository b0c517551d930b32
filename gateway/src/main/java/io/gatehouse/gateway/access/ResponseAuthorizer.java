package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Leaves out of whole responses of one API and version what clients may not see. Immutable. */
public final class ResponseAuthorizer {

  private static final Map<Integer, Optional<ResponseFilter>> FILTERS = new ConcurrentHashMap<>();

  private final @Nullable ResponseFilter filter;
  private final @Nullable WithheldFields withheld;
  private final VisibleTopics topics;

  private ResponseAuthorizer(
      @Nullable ResponseFilter filter, @Nullable WithheldFields withheld, VisibleTopics topics) {
    this.filter = filter;
    this.withheld = withheld;
    this.topics = topics;
  }

  /** Null if clients may see all of such responses. */
  public static @Nullable ResponseAuthorizer of(int apiKey, int version, VisibleTopics topics) {
    MessageSchema schema = Schemas.get().response(apiKey);
    if (schema == null) {
      return null;
    }
    Layout layout = schema.layout(version);
    ResponseFilter filter =
        FILTERS
            .computeIfAbsent(
                apiKey << 16 | version, _ -> Optional.ofNullable(ResponseFilter.of(layout)))
            .orElse(null);
    WithheldFields withheld = WithheldFields.of(layout);
    return filter == null && withheld == null
        ? null
        : new ResponseAuthorizer(filter, withheld, topics);
  }

  /**
   * Filters a response.
   *
   * @param frame with its length; not released here
   * @return the response for the client, which the caller owns; null if it is the broker's
   * @throws io.gatehouse.wire.MalformedMessage if it is not a response of this kind
   */
  public @Nullable ByteBuf filtered(AclCaller caller, ByteBuf frame) {
    Rights rights = new Rights(caller, topics);
    if (withheld != null) {
      return withheld.from(rights, frame);
    }
    return filter == null ? null : filter.filter(rights, frame, frame.alloc());
  }
}
