package io.gatehouse.gateway.tenant;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.group.ConsumerBytes;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Walker;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What members of a classic group tell each other through the broker. Brokers read it of consumers:
 * to keep the offsets of subscribed topics, and when a group changes to the newer protocol
 * (KIP-848). Other protocols, as that of Kafka Connect, name no topics.
 */
final class GroupBytes {

  /** Maximum size of the names that one member tells of, in bytes: about 50,000 topics. */
  private static final int MAX_NAMED_BYTES = 2 << 20;

  /** Bytes beside each name. */
  private static final int NAME_BYTES = 2;

  private GroupBytes() {}

  private static Function<String, @Nullable String> limited(
      Function<String, @Nullable String> name, int position) {
    int[] left = {MAX_NAMED_BYTES};
    return topic -> {
      String other = name.apply(topic);
      left[0] -= NAME_BYTES + (other == null ? 0 : other.length());
      if (left[0] < 0) {
        throw new MalformedMessage("a member of a group names too many topics", position);
      }
      return other;
    };
  }

  /**
   * Renames the topics in the bytes field that was reported last. What is not of this protocol
   * stays as it is.
   *
   * @param name the other name of a topic; null leaves the topic out
   */
  static void rename(
      FrameWalk walk, FieldKind kind, boolean compact, Function<String, @Nullable String> name) {
    ConsumerBytes form =
        kind == FieldKind.GROUP_METADATA ? ConsumerBytes.SUBSCRIPTION : ConsumerBytes.ASSIGNMENT;
    Walker walker = walk.walker;
    byte[] renamed =
        form.renamed(
            walk.frame(), walk.valueIndex(), walker.valueLength(), limited(name, walker.start()));
    if (renamed != null) {
      walk.edits.replace(
          walker, walker.start(), walker.stop(), NameText.bytesField(renamed, compact));
    }
  }
}
