package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.gateway.tenant.TopicMask;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Checks the topics of a response with records while it streams. Marked ones, see {@link
 * TopicMask}, are restored and get the error of refused ones. Others must be the client's, unless
 * they come with an error: brokers do not know whose a session of fetches is (KIP-227), so that a
 * client could guess another's. A part of a response may be checked twice.
 */
public final class FetchedTopics {

  private @Nullable Names names;
  private @Nullable AclCaller caller;
  private @Nullable VisibleTopics topics;

  /** Whether the current topic is refused by access rules. */
  private boolean denied;

  /** Whether the current topic belongs to others. */
  private boolean foreign;

  /**
   * Begins a response.
   *
   * @param tenantNames those of the client's virtual cluster if ids are checked; null for none
   * @param restricted the topics if the client is restricted by access rules
   * @param rights decides then; null if everything is allowed
   */
  public void begin(
      @Nullable Names tenantNames, @Nullable VisibleTopics restricted, @Nullable AclCaller rights) {
    names = tenantNames;
    topics = restricted;
    caller = restricted == null || rights == null || rights.mayDoEverything() ? null : rights;
    denied = false;
    foreign = false;
  }

  /** Takes the topic id that the walker has reported. */
  public void onTopicId(Walker walker) {
    long high = walker.numberHigh();
    long low = walker.number();
    boolean masked = TopicMask.isMasked(high);
    if (masked && caller != null) {
      high = TopicMask.unmasked(high);
      walker.setUuid(high, low);
    } else if ((names != null || caller != null) && Names.isMasked(high)) {
      high = Names.unmasked(high);
      walker.setUuid(high, low);
    }
    String name = nameOf(high, low);
    foreign =
        (names != null && !names.isOwn(high, low))
            || (caller != null && name == null && (high | low) != 0 && !mayReadAll());
    denied = caller != null && (masked || isDenied(name));
  }

  /**
   * Takes the name of a topic, as the client knows it.
   *
   * @param at the index of its first byte
   */
  public void onTopicName(ByteBuf in, int at, int length) {
    denied = false;
    if (caller != null) {
      denied =
          TopicMask.unmask(in, at, length)
              || isDenied(in.toString(at, length, StandardCharsets.UTF_8));
    }
  }

  private @Nullable String nameOf(long high, long low) {
    return topics == null ? null : topics.name(new UUID(high, low));
  }

  /** Who may act as a broker may read everything, and does not tell here whether it does. */
  private boolean mayReadAll() {
    return caller != null && caller.authorizeCluster(Operation.CLUSTER_ACTION).allowed();
  }

  private boolean isDenied(@Nullable String name) {
    return name != null
        && caller != null
        && !mayReadAll()
        && !caller.authorize(Operation.READ, ResourceType.TOPIC, name).allowed();
  }

  /**
   * Takes the error code that the walker has reported.
   *
   * @throws MalformedMessage if it has none where there must be one
   */
  public void onErrorCode(Walker walker) {
    if (!denied && !foreign) {
      return;
    }
    int code = (int) walker.number();
    if (code == 0) {
      throw new MalformedMessage("a topic that the client must not read", walker.start());
    }
    if (denied
        && (code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.number()
            || code == ErrorCode.UNKNOWN_TOPIC_ID.number())) {
      walker.setLowByte(ErrorCode.TOPIC_AUTHORIZATION_FAILED.number());
    }
  }
}
