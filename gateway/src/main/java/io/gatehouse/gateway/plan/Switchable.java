package io.gatehouse.gateway.plan;

import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.walk.Program;
import io.netty.buffer.ByteBuf;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is different for clients that may be switched to a failover cluster, where topics have the
 * same names and records, but other topic ids, leader epochs and node ids.
 *
 * <p>A client that knew the leader epochs of one cluster would take those of the other for outdated
 * metadata, or for a truncated log, and consume from the start of the topic.
 */
public final class Switchable {

  private static final int FETCH = 1;
  private static final int OFFSET_COMMIT = 8;
  private static final int JOIN_GROUP = 11;
  private static final int HEARTBEAT = 12;
  private static final int SYNC_GROUP = 14;
  private static final int CONSUMER_GROUP_HEARTBEAT = 68;
  private static final int STREAMS_GROUP_HEARTBEAT = 88;
  static final int INIT_PRODUCER_ID = 22;
  static final int OFFSET_FOR_LEADER_EPOCH = 23;
  private static final int METADATA = 3;
  private static final int FIND_COORDINATOR = 10;
  private static final int LIST_PARTITION_REASSIGNMENTS = 46;
  private static final int DESCRIBE_CLUSTER = 60;
  private static final int DESCRIBE_TOPIC_PARTITIONS = 75;
  private static final int SHARE_GROUP_HEARTBEAT = 76;
  private static final int SHARE_GROUP_DESCRIBE = 77;
  private static final int SHARE_FETCH = 78;
  private static final int SHARE_ACKNOWLEDGE = 79;

  /**
   * The last version before fetches from followers (KIP-392), by node id, and topic ids. Responses
   * can so be streamed.
   */
  private static final int HIGHEST_FETCH = 10;

  /**
   * The last version before clients say which cluster and node they expect, and are told to
   * bootstrap anew if they have reached another one (KIP-1242).
   */
  private static final int HIGHEST_API_VERSIONS = 4;

  /** The last version with topic names. */
  private static final int HIGHEST_PRODUCE = 12;

  private static final Set<FieldKind> MASKED =
      EnumSet.of(FieldKind.NODE_ID, FieldKind.BROKER_ID, FieldKind.LEADER_EPOCH);

  /** Tells consumers that their position is not beyond the end of the epoch in which it was. */
  static final RequestStep EPOCHS_ARE_VALID = (_, frame) -> new Decision.Answer(valid(frame));

  private Switchable() {}

  /** The highest version to offer; -1 for none. */
  static int highestVersion(int apiKey) {
    return switch (apiKey) {
      case FETCH -> HIGHEST_FETCH;
      case Plan.PRODUCE -> HIGHEST_PRODUCE;
      case Plan.API_VERSIONS -> HIGHEST_API_VERSIONS;
      // The state of share groups is in neither cluster's replicated topics.
      case SHARE_GROUP_HEARTBEAT, SHARE_GROUP_DESCRIBE, SHARE_FETCH, SHARE_ACKNOWLEDGE -> -1;
      default -> Integer.MAX_VALUE;
    };
  }

  /**
   * The error code to tell a client instead of a broker's, which differs in its low byte only.
   *
   * @param newToConsumers whether clients have been switched to the cluster a moment ago
   */
  public static int errorToTell(int apiKey, int code, boolean newToConsumers) {
    return switch (apiKey) {
      // Where the last records are still missing, a consumer would take this for a reason to start
      // anew. It retries instead until it finds out that it must rejoin its group, and continues at
      // the offset that is committed there.
      case FETCH ->
          newToConsumers && code == ErrorCode.OFFSET_OUT_OF_RANGE.number()
              ? ErrorCode.NOT_LEADER_OR_FOLLOWER.number()
              : code;
      // Fatal to a member (KIP-848, KIP-1071) whose group is not known to the other cluster, or
      // only by offsets that were copied. This error makes it join again.
      case CONSUMER_GROUP_HEARTBEAT, STREAMS_GROUP_HEARTBEAT ->
          code == ErrorCode.GROUP_ID_NOT_FOUND.number()
              ? ErrorCode.UNKNOWN_MEMBER_ID.number()
              : code;
      // Fatal to a static member (KIP-345) of which the cluster still knows an earlier membership.
      case OFFSET_COMMIT, JOIN_GROUP, HEARTBEAT, SYNC_GROUP ->
          newToConsumers && code == ErrorCode.FENCED_INSTANCE_ID.number()
              ? ErrorCode.UNKNOWN_MEMBER_ID.number()
              : code;
      default -> code;
    };
  }

  /**
   * Whether a successful response tells a member that it may go on. Members choose their ids
   * (KIP-848), so a cluster that still knows an earlier membership may take the member for it,
   * which would then continue at the offsets of the other cluster.
   */
  public static boolean confirmsMember(int apiKey) {
    return apiKey == CONSUMER_GROUP_HEARTBEAT || apiKey == STREAMS_GROUP_HEARTBEAT;
  }

  /** Finds node ids and leader epochs in responses; null if there are none. */
  static @Nullable Program masked(Layout layout) {
    return switch (layout.message().apiKey()) {
      case Plan.PRODUCE,
          METADATA,
          FIND_COORDINATOR,
          LIST_PARTITION_REASSIGNMENTS,
          DESCRIBE_CLUSTER,
          DESCRIBE_TOPIC_PARTITIONS -> {
        Program program = Program.ofResponse(layout, MASKED);
        if (program.isInteresting()) {
          yield program;
        }
        yield null;
      }
      default -> null;
    };
  }

  /**
   * Lets the ids of idempotent producers be marked in responses, see {@link ProducerIds}, but not
   * those of transactional ones.
   *
   * @param other a step that decides as well, or null
   */
  static RequestStep marksProducerIds(int version, @Nullable RequestStep other) {
    MessageSchema request = Objects.requireNonNull(Schemas.get().request(INIT_PRODUCER_ID));
    MessageSchema response = Objects.requireNonNull(Schemas.get().response(INIT_PRODUCER_ID));
    ResponseRule marked =
        new ResponseRule.Edit(
            Program.ofResponse(response.layout(version), EnumSet.of(FieldKind.ERROR_CODE)),
            Integer.MAX_VALUE,
            Program.ofResponse(response.layout(version), EnumSet.of(FieldKind.PRODUCER_ID)));
    return (caller, frame) -> {
      boolean idempotent = isIdempotent(request.layout(version), frame);
      Decision decision = other == null ? Decision.FORWARD : other.onRequest(caller, frame);
      return decision instanceof Decision.Forward to && to.response() == null && idempotent
          ? to.with(marked)
          : decision;
    };
  }

  private static boolean isIdempotent(Layout layout, ByteBuf frame) {
    ByteBuf in = frame.duplicate().skipBytes(Integer.BYTES);
    var _ = Headers.readRequest(in);
    return TreeReader.read(layout, in).get("TransactionalId") == null;
  }

  private static ByteBuf valid(ByteBuf frame) {
    int version = frame.getShort(frame.readerIndex() + 6);
    ByteBuf in = frame.duplicate().skipBytes(Integer.BYTES);
    var _ = Headers.readRequest(in);
    MessageSchema schema = Objects.requireNonNull(Schemas.get().request(OFFSET_FOR_LEADER_EPOCH));
    Struct request = TreeReader.read(schema.layout(version), in);
    return OwnResponse.to(
        frame,
        response -> {
          for (Struct topic : request.getStructs("Topics")) {
            Struct answered = response.addStruct("Topics").set("Topic", topic.getString("Topic"));
            for (Struct partition : topic.getStructs("Partitions")) {
              answered
                  .addStruct("Partitions")
                  .set("Partition", partition.getInt("Partition"))
                  .set("LeaderEpoch", partition.getInt("LeaderEpoch"))
                  .set("EndOffset", Long.MAX_VALUE);
            }
          }
        },
        frame.alloc());
  }
}
