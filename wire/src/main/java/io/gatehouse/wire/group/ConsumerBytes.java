package io.gatehouse.wire.group;

import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A message of the classic consumer protocol: an int16 version and the message, in bytes of
 * JoinGroup, SyncGroup and DescribeGroups. Safe for use by many threads.
 */
public final class ConsumerBytes {

  /** The protocol type of the groups that use these messages. */
  public static final String PROTOCOL_TYPE = "consumer";

  /** What a member wants and owns. */
  public static final ConsumerBytes SUBSCRIPTION =
      new ConsumerBytes("ConsumerProtocolSubscription");

  /** What the leader assigns to a member. */
  public static final ConsumerBytes ASSIGNMENT = new ConsumerBytes("ConsumerProtocolAssignment");

  private final List<Layout> layouts;

  private ConsumerBytes(String message) {
    MessageSchema schema = Schemas.get().message(message);
    if (schema == null || schema.valid().lowest() != 0 || !schema.flexible().isEmpty()) {
      throw new IllegalStateException("kafka-clients has another " + message);
    }
    layouts = IntStream.rangeClosed(0, schema.valid().highest()).mapToObj(schema::layout).toList();
  }

  /**
   * The bytes with other topic names; all else stays as it is, including what follows the known
   * fields. A newer version is read as the highest known one, as Kafka does.
   *
   * <p>Memory is bounded by the bytes read and by how much longer the names are.
   *
   * @param in is read by index, {@code [from, from + length)}
   * @param name gives a topic's new name, or null to leave out the topic. A name that is too long
   *     for a string is left out too.
   * @return null if Kafka would not read the bytes as such a message
   */
  public byte @Nullable [] renamed(
      ByteBuf in, int from, int length, Function<String, @Nullable String> name) {
    if (length < Short.BYTES) {
      return null;
    }
    int version = in.getShort(from);
    if (version < 0) {
      return null;
    }
    Layout layout = layouts.get(Math.min(version, layouts.size() - 1));
    return new TopicRenaming(in, from, from + length, name).renamed(layout);
  }
}
