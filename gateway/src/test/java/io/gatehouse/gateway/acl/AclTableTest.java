package io.gatehouse.gateway.acl;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.acl.Demand.Named;
import io.gatehouse.gateway.acl.Demand.Side;
import io.gatehouse.gateway.acl.Demand.WholeCluster;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Compares the table with Kafka's message definitions and with the code of its brokers. */
class AclTableTest {

  private static final Schemas SCHEMAS = Schemas.get();

  /** ApiVersions, SASL, telemetry, one's own tokens. */
  private static final Set<Integer> FREE = Set.of(17, 18, 36, 39, 40, 71, 72);

  private static final Set<FieldKind> RESOURCES =
      EnumSet.of(
          FieldKind.TOPIC_NAME,
          FieldKind.TOPIC_ID,
          FieldKind.GROUP_ID,
          FieldKind.TRANSACTIONAL_ID,
          FieldKind.RESOURCE_NAME,
          FieldKind.COORDINATOR_KEY,
          FieldKind.TOPIC_PATTERN);

  /** Names in requests that Kafka does not check. */
  private static final Set<String> UNCHECKED =
      Set.of(
          "Fetch ForgottenTopicsData.Topic",
          "Fetch ForgottenTopicsData.TopicId",
          "ShareFetch ForgottenTopicsData.TopicId",
          "ConsumerGroupHeartbeat TopicPartitions.TopicId", // what the member owns
          "DescribeTopicPartitions Cursor.TopicName", // where to go on
          "StreamsGroupHeartbeat Topology.Subtopologies.SourceTopicRegex",
          // a text for people
          "StreamsGroupTopologyDescriptionUpdate"
              + " TopologyDescription.GlobalStores.Processor.SinkTopic",
          "StreamsGroupTopologyDescriptionUpdate"
              + " TopologyDescription.GlobalStores.Processor.SourceTopics",
          "StreamsGroupTopologyDescriptionUpdate TopologyDescription.GlobalStores.Source.SinkTopic",
          "StreamsGroupTopologyDescriptionUpdate"
              + " TopologyDescription.GlobalStores.Source.SourceTopics",
          "StreamsGroupTopologyDescriptionUpdate TopologyDescription.Subtopologies.Nodes.SinkTopic",
          "StreamsGroupTopologyDescriptionUpdate"
              + " TopologyDescription.Subtopologies.Nodes.SourceTopics");

  @Test
  void everyApiIsThereOrFree() {
    for (int api : clientApis()) {
      assertThat(AclTable.demands(api).isEmpty())
          .as("%d %s", api, SCHEMAS.apiName(api))
          .isEqualTo(FREE.contains(api));
    }
  }

  @Test
  void fieldsExistAndAreOfTheType() {
    int checked = 0;
    for (int api : clientApis()) {
      for (Demand demand : AclTable.demands(api)) {
        if (demand.subject() instanceof Named(Side side, List<String> paths)) {
          Map<String, FieldKind> fields = fields(message(api, side));
          for (String path : paths) {
            String at = SCHEMAS.apiName(api) + " " + side + " " + path;
            assertThat(fields).as(at).containsKey(path);
            assertThat(kinds(demand.right().type())).as(at).contains(fields.get(path));
            checked++;
          }
        }
      }
      for (AclTable.OperationsField field : AclTable.operations(api)) {
        assertThat(fields(message(api, Side.ANSWER))).containsKey(field.path());
        if (!field.wanted().isEmpty()) {
          assertThat(fields(message(api, Side.REQUEST))).containsKey(field.wanted());
        }
      }
    }
    assertThat(checked).isGreaterThan(90);
  }

  @Test
  void everyNameInARequestIsCheckedOrKnownAsUnchecked() {
    Set<String> unchecked = new TreeSet<>();
    for (int api : clientApis()) {
      Set<String> covered = new HashSet<>();
      boolean byCluster = false;
      for (Demand demand : AclTable.demands(api)) {
        byCluster |=
            demand.subject() instanceof WholeCluster
                && demand.when() == Demand.When.ALWAYS
                && demand.refusal().effect() == Demand.Effect.WHOLE;
        byCluster |= demand.when() == Demand.When.VERSION_OF_BROKERS;
        if (demand.subject() instanceof Named(Side side, List<String> paths)
            && side == Side.REQUEST) {
          covered.addAll(paths);
        }
      }
      for (Map.Entry<String, FieldKind> field : fields(message(api, Side.REQUEST)).entrySet()) {
        if (RESOURCES.contains(field.getValue())
            && !byCluster
            && !covered.contains(field.getKey())) {
          unchecked.add(SCHEMAS.apiName(api) + " " + field.getKey());
        }
      }
    }
    assertThat(unchecked).isEqualTo(new TreeSet<>(UNCHECKED));
  }

  @Test
  void allFieldsOfAuthorizedOperationsAreThere() {
    for (int api : clientApis()) {
      List<String> expected =
          fields(message(api, Side.ANSWER)).keySet().stream()
              .filter(path -> path.endsWith("AuthorizedOperations"))
              .toList();
      assertThat(AclTable.operations(api).stream().map(AclTable.OperationsField::path))
          .as(SCHEMAS.apiName(api))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void errorCodesAreThoseOfTheTypes() {
    Map<ResourceType, Errors> errors =
        Map.of(
            ResourceType.TOPIC, Errors.TOPIC_AUTHORIZATION_FAILED,
            ResourceType.GROUP, Errors.GROUP_AUTHORIZATION_FAILED,
            ResourceType.CLUSTER, Errors.CLUSTER_AUTHORIZATION_FAILED,
            ResourceType.TRANSACTIONAL_ID, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            ResourceType.DELEGATION_TOKEN, Errors.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
            ResourceType.USER, Errors.DELEGATION_TOKEN_AUTHORIZATION_FAILED);
    for (ResourceType type : ResourceType.values()) {
      assertThat(type.errorCode())
          .as(type.name())
          .isEqualTo(Objects.requireNonNull(errors.get(type)).code());
    }
  }

  /** Reads the operations and types of resources out of the methods that handle each API. */
  @Test
  void rightsAreThoseInTheCodeOfTheBrokers() throws IOException {
    Map<String, Set<String>> kafkas = BrokerRights.read();
    for (int api : clientApis()) {
      String name = Objects.requireNonNull(SCHEMAS.apiName(api));
      assertThat(rights(api))
          .as("%d %s", api, name)
          .isEqualTo(kafkas.getOrDefault(name, new TreeSet<>()));
    }
    assertThat(kafkas.keySet())
        .as("every right in the code is that of an API")
        .isSubsetOf(clientApis().stream().map(SCHEMAS::apiName).toList());
  }

  /** The operations and types in the table, except the type CLUSTER, which code often implies. */
  private static Set<String> rights(int api) {
    Set<String> rights = new TreeSet<>();
    for (Demand demand : AclTable.demands(api)) {
      Stream.of(demand.right(), demand.unless())
          .filter(Objects::nonNull)
          .forEach(right -> {
            rights.add(right.operation().name());
            rights.add(right.type().name());
          });
    }
    rights.remove(ResourceType.CLUSTER.name());
    return rights;
  }

  private static Set<FieldKind> kinds(ResourceType type) {
    return switch (type) {
      case TOPIC ->
          EnumSet.of(
              FieldKind.TOPIC_NAME,
              FieldKind.TOPIC_ID,
              FieldKind.TOPIC_PATTERN,
              FieldKind.RESOURCE_NAME);
      case GROUP ->
          EnumSet.of(FieldKind.GROUP_ID, FieldKind.COORDINATOR_KEY, FieldKind.RESOURCE_NAME);
      case TRANSACTIONAL_ID -> EnumSet.of(FieldKind.TRANSACTIONAL_ID, FieldKind.COORDINATOR_KEY);
      case DELEGATION_TOKEN -> EnumSet.of(FieldKind.TOKEN_ID);
      case USER -> EnumSet.of(FieldKind.PRINCIPAL_NAME);
      case CLUSTER -> EnumSet.noneOf(FieldKind.class);
    };
  }

  /** The APIs that this release of Kafka has; some keys are left over from earlier ones. */
  private static List<Integer> clientApis() {
    return SCHEMAS.apiKeys().stream()
        .filter(api -> !Objects.requireNonNull(SCHEMAS.request(api)).valid().isEmpty())
        .toList();
  }

  private static MessageSchema message(int api, Side side) {
    return Objects.requireNonNull(
        side == Side.REQUEST ? SCHEMAS.request(api) : SCHEMAS.response(api));
  }

  /** All fields of all versions, by path. */
  private static Map<String, FieldKind> fields(MessageSchema message) {
    Map<String, FieldKind> fields = new TreeMap<>();
    for (int version = message.valid().lowest(); version <= message.valid().highest(); version++) {
      collect(message.layout(version).root(), "", fields);
    }
    return fields;
  }

  private static void collect(
      Layout.StructLayout struct, String prefix, Map<String, FieldKind> fields) {
    List<Layout.FieldLayout> all = new ArrayList<>(struct.fields());
    all.addAll(struct.tagged());
    for (Layout.FieldLayout field : all) {
      fields.put(prefix + field.name(), field.kind());
      Layout.@Nullable StructLayout inner = field.struct();
      if (inner != null) {
        collect(inner, prefix + field.name() + ".", fields);
      }
    }
  }
}
