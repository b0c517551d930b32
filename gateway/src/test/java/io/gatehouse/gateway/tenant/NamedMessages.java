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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final int TOPIC = 2;
  private static final int LIST_CONFIGS = 74;

  /** Characters after short names, and after the long ones. */
  private static final int LENGTHS = 10;

  private static final int LONG = 120;

  private static final int FIND_COORDINATOR = 10;

  private final Layout layout;
  private final RandomGenerator random;
  private final Naming naming;
  private final boolean consumers;
  private int count;

  /** What stands in a message for names. */
  record Naming(UnaryOperator<String> topics, UnaryOperator<String> others) {

    /** The same for all. */
    Naming(UnaryOperator<String> all) {
      this(all, all);
    }

    /** As brokers know them. */
    static Naming of(Tenant tenant) {
      return new Naming(tenant::toBroker, name -> tenant.prefix() + name);
    }

    boolean ofClients() {
      return others.apply("").isEmpty();
    }
  }

  private NamedMessages(Layout layout, RandomGenerator random, Naming naming) {
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
  static Struct of(Layout layout, HostPort host, RandomGenerator random, Naming naming) {
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
    struct.setIfPresent("MaxBytes", random.nextInt(1_000_000));
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
    return naming.ofClients() ? Tenancy.ALICES.name() + "@" + id : id;
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
    struct.getArray("Topics").add(naming.topics.apply(newName()));
    struct.getArray("Topics").add(naming.topics.apply(newName()));
    if (struct.has("OwnedPartitions")) {
      Struct owned =
          struct.addStruct("OwnedPartitions").set("Topic", naming.topics.apply(newName()));
      owned.getArray("Partitions").add(random.nextInt(5));
    }
    return bytes(struct);
  }

  private byte[] assignment() {
    Struct struct = embedded("ConsumerProtocolAssignment");
    for (int i = random.nextInt(3); i >= 0; i--) {
      struct
          .addStruct("AssignedPartitions")
          .set("Topic", naming.topics.apply(newName()))
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

  private String newName(Struct struct, FieldLayout field) {
    boolean topic =
        switch (field.name()) {
          // ListConfigResources tells the type after the name.
          case "ResourceName" ->
              layout.message().apiKey() != LIST_CONFIGS && struct.getInt("ResourceType") == TOPIC;
          case "Name" -> true;
          default -> field.name().contains("Topic");
        };
    return (topic ? naming.topics : naming.others).apply(newName());
  }

  private void setName(Struct struct, FieldLayout field) {
    if (!field.array()) {
      boolean absent = field.name().equals("SinkTopic") || field.name().equals("TransactionalId");
      if (!absent || !struct.isNull(field.name())) {
        struct.set(field.name(), newName(struct, field));
      }
    } else if (!struct.isNull(field.name())) {
      List<Object> names = new ArrayList<>();
      for (int i = Math.min(9, struct.getArray(field.name()).size()); i > 0; i--) {
        names.add(newName(struct, field));
      }
      struct.set(field.name(), names);
    }
  }

  private String newName() {
    count++;
    return name(count, random.nextInt(10) == 0 ? LONG : random.nextInt(LENGTHS));
  }

  private static String name(int count, int length) {
    return "own-" + count + "x".repeat(length);
  }

  /** Aliases with which every third name is that of a topic elsewhere. */
  static Aliases aliases() {
    Map<String, String> topics = new HashMap<>();
    for (int i = 0; i < 1_000; i += 3) {
      for (int length = 0; length <= LENGTHS; length++) {
        String topic = "y".repeat(i % 2 == 0 ? 1 : 150) + length + "." + i;
        topics.put(name(i, length == LENGTHS ? LONG : length), topic);
      }
    }
    return new Aliases(topics);
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
