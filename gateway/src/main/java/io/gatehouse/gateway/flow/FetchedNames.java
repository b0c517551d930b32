package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.access.FetchedTopics;
import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Translates the names of topics in fetched records' responses while they are forwarded. */
final class FetchedNames extends StreamInspection {

  private final Consumer<Walker> errorCode;
  private final FetchedTopics topics = new FetchedTopics();
  private @Nullable StreamedNames names;

  /**
   * @param errorCode is called for each error code that the walker reports
   */
  FetchedNames(ResponsePath path, Consumer<Walker> errorCode) {
    super(path);
    this.errorCode = errorCode;
  }

  /** Begins a response whose body is at {@code position} up to {@code end}. */
  void start(
      StreamedNames translation,
      @Nullable VisibleTopics restricted,
      @Nullable AclCaller rights,
      int position,
      int end) {
    begin();
    topics.begin(null, restricted, rights);
    walker.start(translation.program(), position, end);
    names = translation;
  }

  @Override
  void onField(ByteBuf in, int to) {
    if (walker.kind() == FieldKind.ERROR_CODE) {
      topics.onErrorCode(walker);
      errorCode.accept(walker);
      return;
    }
    StreamedNames translation = names;
    if (translation == null) {
      return;
    }
    String alias = translation.otherName(walker);
    if (alias != null) {
      byte[] replacement = translation.replacement(walker);
      int length = alias.length();
      topics.onTopicName(Unpooled.wrappedBuffer(replacement), replacement.length - length, length);
      splice(translation, replacement);
    } else {
      int length = Math.max(0, walker.valueLength() - translation.prefixBytes()); // 0 for null
      rename(translation);
      topics.onTopicName(in, index() - length, length);
    }
  }
}
