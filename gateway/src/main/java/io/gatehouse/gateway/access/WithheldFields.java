package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hides single fields of responses: the configuration of created topics (KIP-525), and the names of
 * topics that were deleted by their ids.
 */
final class WithheldFields {

  private static final int LENGTH_BYTES = 4;
  private static final int CREATE_TOPICS = 19;
  private static final int DELETE_TOPICS = 20;

  /** In numbers of partitions and replicas: not told. */
  private static final int NOT_TOLD = -1;

  private final Layout layout;

  private WithheldFields(Layout layout) {
    this.layout = layout;
  }

  /** Null for all other APIs, and for versions without such fields. */
  static @Nullable WithheldFields of(Layout response) {
    Struct body = Struct.of(response);
    boolean any =
        switch (response.message().apiKey()) {
          case CREATE_TOPICS -> body.addStruct("Topics").has("TopicConfigErrorCode");
          case DELETE_TOPICS -> body.addStruct("Responses").has("TopicId");
          default -> false;
        };
    return any ? new WithheldFields(response) : null;
  }

  /** The response without them, which the caller owns; null if all of them may be seen. */
  @Nullable ByteBuf from(Rights rights, ByteBuf frame) {
    int apiKey = layout.message().apiKey();
    int correlationId = frame.getInt(frame.readerIndex() + LENGTH_BYTES);
    ByteBuf in = frame.duplicate().skipBytes(LENGTH_BYTES);
    var _ = Headers.readResponse(apiKey, layout.version(), in);
    Struct body = TreeReader.read(layout, in);
    boolean any = false;
    if (apiKey == CREATE_TOPICS) {
      for (Struct topic : body.getStructs("Topics")) {
        any |= hideConfiguration(rights, topic);
      }
    } else {
      for (Struct topic : body.getStructs("Responses")) {
        any |= hideName(rights, topic);
      }
    }
    return any ? RequestFrames.response(layout, correlationId, body, frame.alloc()) : null;
  }

  private static boolean hideConfiguration(Rights rights, Struct topic) {
    String name = topic.getString("Name");
    if (topic.getInt("ErrorCode") != 0 || may(rights, Operation.DESCRIBE_CONFIGS, name)) {
      return false;
    }
    topic
        .set("TopicConfigErrorCode", ResourceType.TOPIC.errorCode())
        .set("NumPartitions", NOT_TOLD)
        .set("ReplicationFactor", NOT_TOLD)
        .set("Configs", List.of());
    return true;
  }

  /** Those that were named by id may be deleted, but not be known. */
  private static boolean hideName(Rights rights, Struct topic) {
    String name = topic.getStringOrNull("Name");
    if (name == null
        || may(rights, Operation.DESCRIBE, name)
        || rights.caller().authorizeCluster(Operation.DELETE).allowed()) {
      return false;
    }
    topic.set("Name", null);
    return true;
  }

  private static boolean may(Rights rights, Operation operation, String topic) {
    return rights.caller().authorize(operation, ResourceType.TOPIC, topic).allowed();
  }
}
