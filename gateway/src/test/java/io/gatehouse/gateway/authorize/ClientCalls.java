package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.ResourceType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Requests of consumers and producers. */
final class ClientCalls {

  static final int JOIN_GROUP = 11;

  /** A producer id that no producer has got. */
  private static final long PRODUCER = 123_456_789;

  private static final String NOBODY = "nobody";

  private final Choices choose;
  private final Map<Integer, Consumer<CallBody>> fillers = new TreeMap<>();

  ClientCalls(Choices choose) {
    this.choose = choose;
    records();
    groups();
    transactions();
  }

  /** What fills the requests of each API. */
  Map<Integer, Consumer<CallBody>> fillers() {
    return fillers;
  }

  private void api(int api, Consumer<CallBody> filler) {
    fillers.put(api, filler);
  }

  private byte[] batch(boolean transactional) {
    SimpleRecord record = new SimpleRecord(1000, new byte[] {1}, new byte[] {2});
    MemoryRecords records =
        switch (transactional ? 0 : choose.random().nextInt(4)) {
          case 0 ->
              MemoryRecords.withTransactionalRecords(
                  Compression.NONE, PRODUCER, (short) 0, 0, record);
          case 1 ->
              MemoryRecords.withIdempotentRecords(
                  Compression.NONE, PRODUCER + 1, (short) 0, 0, record);
          default -> MemoryRecords.withRecords(Compression.NONE, record);
        };
    ByteBuffer buffer = records.buffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private void records() {
    api(
        0,
        body -> {
          // The gateway demands the right on an id even if no record belongs to a transaction.
          boolean transactional = choose.random().nextInt(3) == 0;
          body.set("TransactionalId", transactional ? choose.transactionalId() : null)
              .set("Acks", choose.rarely() ? -1 : 1)
              .set("TimeoutMs", 1000);
          choose.addTopics(
              body,
              "TopicData",
              "Name",
              topic ->
                  topic.add("PartitionData").set("Index", 0).set("Records", batch(transactional)));
        });
    api(
        1,
        body -> {
          body.set("MaxBytes", 1 << 20).set("SessionEpoch", choose.rarely() ? 0 : -1);
          // In a virtual cluster nobody is a broker: such clients are served as others.
          if (!choose.world().isOfTenant() && choose.rarely()) {
            body.set("ReplicaId", 9);
            if (body.has("ReplicaState")) {
              body.struct().makeStruct("ReplicaState").set("ReplicaId", 9).set("ReplicaEpoch", 1);
            }
          }
          choose.addTopics(
              body,
              "Topics",
              "Topic",
              topic -> topic.add("Partitions").set("Partition", 0).set("PartitionMaxBytes", 1));
        });
    api(
        2,
        body -> {
          body.set("ReplicaId", -1).set("IsolationLevel", choose.random().nextInt(2));
          choose.addTopics(
              body,
              "Topics",
              "Name",
              topic ->
                  topic
                      .add("Partitions")
                      .set("PartitionIndex", choose.random().nextInt(2))
                      .set("Timestamp", -1L - choose.random().nextInt(2)));
        });
    api(
        21,
        body -> {
          body.set("TimeoutMs", 1000);
          choose.addTopics(
              body,
              "Topics",
              "Name",
              topic -> topic.add("Partitions").set("PartitionIndex", 0).set("Offset", 0L));
        });
    api(
        23,
        body -> {
          body.set("ReplicaId", -1);
          choose.addTopics(
              body,
              "Topics",
              "Topic",
              topic ->
                  topic
                      .add("Partitions")
                      .set("Partition", 0)
                      .set("CurrentLeaderEpoch", -1)
                      .set("LeaderEpoch", 0));
        });
    api(
        61,
        body ->
            choose.addTopics(
                body, "Topics", "Name", topic -> Choices.partitions(topic, "PartitionIndexes")));
  }

  private void groups() {
    api(
        8,
        body -> {
          String group = choose.group();
          boolean commits = group.equals(World.EMPTY_GROUP);
          body.set("GroupId", group)
              .set("GenerationIdOrMemberEpoch", commits ? -1 : 7)
              .set("MemberId", commits ? "" : NOBODY);
          choose.addTopics(
              body,
              "Topics",
              "Name",
              topic ->
                  topic
                      .add("Partitions")
                      .set("PartitionIndex", 0)
                      .set("CommittedOffset", 5L)
                      .set("CommittedMetadata", "metadata"));
        });
    api(
        9,
        body -> {
          body.set("RequireStable", choose.rarely());
          if (body.has("Groups")) {
            for (String group : choose.someGroups()) {
              fetchedOffsets(body.add("Groups").set("GroupId", group));
            }
          } else {
            fetchedOffsets(body.set("GroupId", choose.group()));
          }
        });
    api(
        10,
        body -> {
          int type = body.has("KeyType") ? choose.random().nextInt(3) : 0;
          List<String> keys =
              switch (type) {
                case 0 -> choose.someGroups();
                case 1 -> choose.some(World.names(ResourceType.TRANSACTIONAL_ID));
                default -> List.of("gs:AAAAAAAAAAAAAAAAAAAAAQ:0");
              };
          body.set("Key", keys.getFirst()).set("KeyType", type).set("CoordinatorKeys", keys);
        });
    api(
        JOIN_GROUP,
        body ->
            body.set("GroupId", choose.group())
                .set("SessionTimeoutMs", 1)
                .set("ProtocolType", "consumer")
                .add("Protocols")
                .set("Name", "range"));
    api(
        12,
        body -> body.set("GroupId", choose.group()).set("GenerationId", 1).set("MemberId", NOBODY));
    api(
        13,
        body -> {
          body.set("GroupId", choose.group()).set("MemberId", NOBODY);
          if (body.has("Members")) {
            body.add("Members").set("MemberId", NOBODY);
          }
        });
    api(
        14,
        body ->
            body.set("GroupId", choose.group())
                .set("GenerationId", 1)
                .set("MemberId", NOBODY)
                .set("ProtocolType", "consumer")
                .set("ProtocolName", "range"));
    api(
        15,
        body ->
            body.set("Groups", choose.someGroups())
                .set("IncludeAuthorizedOperations", choose.random().nextBoolean()));
    api(16, body -> body.set("TypesFilter", choose.rarely() ? List.of("classic") : List.of()));
    api(
        42,
        body ->
            body.set(
                "GroupsNames",
                choose.someGroups().stream()
                    .filter(name -> !World.ENDING_GROUPS.contains(name))
                    .toList()));
    api(
        47,
        body -> {
          body.set("GroupId", choose.group());
          choose.addTopics(
              body, "Topics", "Name", topic -> topic.add("Partitions").set("PartitionIndex", 7));
        });
  }

  private void fetchedOffsets(CallBody group) {
    if (choose.rarely() && group.takesNull("Topics")) {
      group.set("Topics", null);
      return;
    }
    group.set("Topics", List.of());
    choose.addTopics(
        group, "Topics", "Name", topic -> Choices.partitions(topic, "PartitionIndexes"));
  }

  private void transactions() {
    api(
        22,
        body -> {
          // An id that is new would begin to exist, and one that is in use would lose its
          // transaction.
          String id = choose.transactionalId();
          boolean valid = id.equals(World.IDLE_TRANSACTION);
          body.set("TransactionalId", choose.rarely() ? null : id)
              .set("TransactionTimeoutMs", valid ? 60_000 : -5)
              .set("ProducerId", -1L)
              .set("ProducerEpoch", (short) -1)
              .set("Enable2Pc", choose.rarely());
        });
    api(
        24,
        body -> {
          String id = choose.transactionalId();
          body.set("V3AndBelowTransactionalId", id).set("V3AndBelowProducerId", PRODUCER);
          if (body.has("Transactions")) {
            CallBody transaction =
                body.add("Transactions")
                    .set("TransactionalId", id)
                    .set("ProducerId", PRODUCER)
                    .set("VerifyOnly", true);
            choose.addTopics(
                transaction, "Topics", "Name", topic -> Choices.partitions(topic, "Partitions"));
          } else {
            choose.addTopics(
                body, "V3AndBelowTopics", "Name", topic -> Choices.partitions(topic, "Partitions"));
          }
        });
    api(
        25,
        body ->
            body.set("TransactionalId", choose.transactionalId())
                .set("ProducerId", PRODUCER)
                .set("GroupId", choose.group()));
    api(
        26,
        body ->
            body.set("TransactionalId", choose.transactionalId())
                .set("ProducerId", PRODUCER)
                .set("Committed", true));
    api(
        27,
        body ->
            body.add("Markers")
                .set("ProducerId", PRODUCER)
                .set("TransactionResult", false)
                .add("Topics")
                .set("Name", "ax")
                .set("PartitionIndexes", List.of(0)));
    api(
        28,
        body -> {
          body.set("TransactionalId", choose.transactionalId())
              .set("GroupId", choose.group())
              .set("ProducerId", PRODUCER);
          choose.addTopics(
              body,
              "Topics",
              "Name",
              topic -> topic.add("Partitions").set("PartitionIndex", 0).set("CommittedOffset", 5L));
        });
    api(
        65,
        body ->
            body.set("TransactionalIds", choose.some(World.names(ResourceType.TRANSACTIONAL_ID))));
    api(66, Choices::noBody);
  }
}
