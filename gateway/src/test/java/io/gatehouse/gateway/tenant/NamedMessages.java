package io.gatehouse.gateway.tenant;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Random messages with names of topics, groups and transactions. Fields are names by their own
 * names in Kafka's definitions alone, independently of what the gateway thinks of them.
 */
final class NamedMessages {

  /** Fields that are names in every message. */
  private static final Set<String> NAMES =
      Set.of(
          "Topic",
          "TopicName",
          "TopicNames",
          "SubscribedTopicNames",
          "SourceTopics",
          "RepartitionSinkTopics",
          "SinkTopic",
          "GroupId",
          "GroupIds",
          "GroupsNames",
          "TransactionalId",
          "TransactionalIds",
          "V3AndBelowTransactionalId",
          "ResourceName",
          "CoordinatorKeys");

  /** Structs whose field {@code Name} is not that of a topic. */
  private static final Set<String> OTHERS_WITH_NAME =
      Set.of(
          "Configs", "Synonyms", "Nodes", "Source", "Processor", "Protocols", "SupportedFeatures");

  /** The resource types that a tenant has: topics, client metrics, groups. */
  private static final int[] RESOURCE_TYPES = {2, 32};

  private static final int FIND_COORDINATOR = 10;

  private final Layout layout;
  private final RandomGenerator random;
  private final UnaryOperator<String> naming;
  private final boolean consumers;
  private int count;

  private NamedMessages(Layout layout, RandomGenerator random, UnaryOperator<String> naming) {
    this.layout = layout;
    this.random = random;
    this.naming = naming;
    this.consumers = !namesGroupProtocol(layout) || layout.version() % 3 != 2;
  }

  /**
   * A message that depends only on the random numbers, but for its names and addresses.
   *
   * @param naming what stands in the message for a name
   * @param host every address in the message
   */
  static Struct of(
      Layout layout, HostPort host, RandomGenerator random, UnaryOperator<String> naming) {
    NamedMessages messages = new NamedMessages(layout, random, naming);
    Struct filled = Canaries.fill(layout, List.of(host), random);
    messages.complete(filled);
    return filled;
  }

  private void complete(Struct struct) {
    settle(struct);
    for (FieldLayout field : fields(struct).toList()) {
      if (field.type() == FieldType.STRUCT) {
        if (!struct.isNull(field.name())) {
          inner(struct, field).forEach(this::complete);
        }
      } else if (isName(struct, field)) {
        setName(struct, field);
      }
    }
  }

  /** Gives fields that decide about the treatment values that a tenant's messages may have. */
  private void settle(Struct struct) {
    Canaries.messages(struct).forEach(field -> struct.set(field, "no names here"));
    if (struct.has("ResourceType")) {
      struct.set("ResourceType", (byte) RESOURCE_TYPES[random.nextInt(RESOURCE_TYPES.length)]);
    }
    struct.setIfPresent("KeyType", (byte) random.nextInt(2));
    struct.setIfPresent("Acks", (short) 1);
    struct.setIfPresent("ReplicaId", -1);
    for (String pattern : List.of("SubscribedTopicRegex", "TransactionalIdPattern")) {
      struct.setIfPresent(pattern, null);
    }
    struct.setIfPresent("SourceTopicRegex", List.of());
    if (struct.has("ClusterId")) {
      struct.set("ClusterId", clusterId());
    }
    if (struct.has("TopicId")) {
      // The gateway knows no topic of an id in a request.
      boolean told =
          layout.message().name().endsWith("Response")
              && fields(struct).anyMatch(field -> isName(struct, field));
      long high = (random.nextLong() & ~0xF000L) | 0x4000L;
      struct.set("TopicId", told ? new UUID(high, random.nextLong()) : new UUID(0, 0));
    }
    settleGroups(struct);
  }

  private String clusterId() {
    String id = "cluster-id-" + random.nextInt(1000);
    boolean ofClients = naming.apply("").isEmpty();
    return ofClients ? Tenancy.ALICES.name() + "@" + id : id;
  }

  /** Whether a group's protocol type stands beside its bytes; otherwise they are consumers'. */
  private static boolean namesGroupProtocol(Layout layout) {
    String message = layout.message().name();
    return (!message.startsWith("JoinGroup") || layout.version() >= 7)
        && (!message.startsWith("SyncGroup") || layout.version() >= 5);
  }

  private void settleGroups(Struct struct) {
    if (struct.has("ProtocolType")) {
      struct.set("ProtocolType", consumers ? "consumer" : "connect");
    }
    for (String field : List.of("Metadata", "MemberMetadata")) {
      if (isBytes(struct, field) && consumers) {
        struct.set(field, subscription());
      }
    }
    for (String field : List.of("Assignment", "MemberAssignment")) {
      if (isBytes(struct, field) && consumers) {
        struct.set(field, assignment());
      }
    }
  }

  private static boolean isBytes(Struct struct, String name) {
    return fields(struct)
        .anyMatch(field -> field.name().equals(name) && field.type() == FieldType.BYTES);
  }

  private byte[] subscription() {
    Struct struct = embedded("ConsumerProtocolSubscription");
    struct.getArray("Topics").add(naming.apply(newName()));
    struct.getArray("Topics").add(naming.apply(newName()));
    if (struct.has("OwnedPartitions")) {
      Struct owned = struct.addStruct("OwnedPartitions").set("Topic", naming.apply(newName()));
      owned.getArray("Partitions").add(random.nextInt(5));
    }
    return bytes(struct);
  }

  private byte[] assignment() {
    Struct struct = embedded("ConsumerProtocolAssignment");
    for (int i = random.nextInt(3); i >= 0; i--) {
      struct
          .addStruct("AssignedPartitions")
          .set("Topic", naming.apply(newName()))
          .getArray("Partitions")
          .add(random.nextInt(5));
    }
    return bytes(struct);
  }

  private Struct embedded(String message) {
    int version = random.nextInt(4);
    Struct struct =
        Struct.of(Objects.requireNonNull(Schemas.get().message(message)).layout(version));
    byte[] user = new byte[random.nextInt(5)];
    random.nextBytes(user);
    return struct.set("UserData", random.nextBoolean() ? null : user);
  }

  private byte[] bytes(Struct struct) {
    ByteBuf out = Unpooled.buffer();
    boolean assigned = struct.has("AssignedPartitions");
    out.writeShort(versionOf(struct, assigned));
    TreeWriter.write(struct, out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /** The version is told by the fields; those of assignments have no other difference. */
  private static int versionOf(Struct struct, boolean assigned) {
    if (assigned) {
      return 1;
    }
    return struct.has("RackId")
        ? 3
        : struct.has("GenerationId") ? 2 : struct.has("OwnedPartitions") ? 1 : 0;
  }

  private boolean isName(Struct struct, FieldLayout field) {
    if (field.type() != FieldType.STRING) {
      return false;
    }
    String in = struct.layout().name();
    return switch (field.name()) {
      case "Name" -> !OTHERS_WITH_NAME.contains(in);
      case "Key" -> layout.message().apiKey() == FIND_COORDINATOR;
      case "Groups" -> true;
      default -> NAMES.contains(field.name());
    };
  }

  private void setName(Struct struct, FieldLayout field) {
    if (!field.array()) {
      boolean absent = field.name().equals("SinkTopic") || field.name().equals("TransactionalId");
      if (!absent || !struct.isNull(field.name())) {
        struct.set(field.name(), naming.apply(newName()));
      }
    } else if (!struct.isNull(field.name())) {
      List<Object> names = new ArrayList<>();
      for (int i = Math.min(9, struct.getArray(field.name()).size()); i > 0; i--) {
        names.add(naming.apply(newName()));
      }
      struct.set(field.name(), names);
    }
  }

  private String newName() {
    count++;
    return "own-" + count + "x".repeat(random.nextInt(10) == 0 ? 120 : random.nextInt(10));
  }

  private static Stream<FieldLayout> fields(Struct struct) {
    return Stream.concat(struct.layout().fields().stream(), struct.layout().tagged().stream());
  }

  private static List<Struct> inner(Struct struct, FieldLayout field) {
    return field.array()
        ? struct.getStructs(field.name())
        : List.of(struct.getStruct(field.name()));
  }
}
