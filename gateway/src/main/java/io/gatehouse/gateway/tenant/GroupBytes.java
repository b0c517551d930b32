package io.gatehouse.gateway.tenant;

import io.gatehouse.wire.schema.FieldKind;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What members of a classic group tell each other through the broker. Brokers read it of consumers:
 * to keep the offsets of subscribed topics, and when a group changes to the newer protocol
 * (KIP-848). Other protocols, as that of Kafka Connect, name no topics.
 */
final class GroupBytes {

  /** The protocol type of consumers. */
  static final String CONSUMER = "consumer";

  private GroupBytes() {}

  /** Renames the topics in the bytes field that was reported last; a null name drops a topic. */
  static void rename(
      FrameWalk walk, FieldKind kind, boolean compact, UnaryOperator<@Nullable String> name) {
    // filled in below
  }
}
