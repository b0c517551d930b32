package io.gatehouse.gateway.acl;

import static io.gatehouse.gateway.acl.Demand.Effect.ELEMENT;
import static io.gatehouse.gateway.acl.Demand.Effect.ELEMENT_AND_NOTHING_DONE;
import static io.gatehouse.gateway.acl.Demand.Effect.OMITTED;
import static io.gatehouse.gateway.acl.Demand.Effect.PARENT;
import static io.gatehouse.gateway.acl.Demand.Effect.WHOLE;
import static io.gatehouse.gateway.acl.Demand.Effect.WITHHELD;
import static io.gatehouse.gateway.acl.Operation.ALTER;
import static io.gatehouse.gateway.acl.Operation.ALTER_CONFIGS;
import static io.gatehouse.gateway.acl.Operation.CLUSTER_ACTION;
import static io.gatehouse.gateway.acl.Operation.CREATE;
import static io.gatehouse.gateway.acl.Operation.CREATE_TOKENS;
import static io.gatehouse.gateway.acl.Operation.DELETE;
import static io.gatehouse.gateway.acl.Operation.DESCRIBE;
import static io.gatehouse.gateway.acl.Operation.DESCRIBE_CONFIGS;
import static io.gatehouse.gateway.acl.Operation.DESCRIBE_TOKENS;
import static io.gatehouse.gateway.acl.Operation.IDEMPOTENT_WRITE;
import static io.gatehouse.gateway.acl.Operation.READ;
import static io.gatehouse.gateway.acl.Operation.TWO_PHASE_COMMIT;
import static io.gatehouse.gateway.acl.Operation.WRITE;
import static io.gatehouse.gateway.acl.ResourceType.CLUSTER;
import static io.gatehouse.gateway.acl.ResourceType.DELEGATION_TOKEN;
import static io.gatehouse.gateway.acl.ResourceType.GROUP;
import static io.gatehouse.gateway.acl.ResourceType.TOPIC;
import static io.gatehouse.gateway.acl.ResourceType.TRANSACTIONAL_ID;
import static io.gatehouse.gateway.acl.ResourceType.USER;

import io.gatehouse.gateway.acl.Demand.AnyResource;
import io.gatehouse.gateway.acl.Demand.Effect;
import io.gatehouse.gateway.acl.Demand.Named;
import io.gatehouse.gateway.acl.Demand.Refusal;
import io.gatehouse.gateway.acl.Demand.Right;
import io.gatehouse.gateway.acl.Demand.Side;
import io.gatehouse.gateway.acl.Demand.Subject;
import io.gatehouse.gateway.acl.Demand.When;
import io.gatehouse.gateway.acl.Demand.WholeCluster;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rights that Kafka 4.4 demands for each API, in the order in which it checks them. Each line
 * tells a fact about Kafka's brokers and controllers, whether or not the gateway lets the API pass.
 *
 * <p>What has no line needs no right: ApiVersions, SASL, telemetry, renewing and expiring one's own
 * delegation tokens, DescribeCluster except for its authorized operations. Neither do fields that
 * Kafka does not check: topics that a session forgets, ids in heartbeats, the subscriptions and
 * topology descriptions of described groups.
 */
public final class AclTable {

  /**
   * A field with the authorized operations of a resource, as {@link
   * AclCaller#authorizedOperations}, if the request wants them.
   *
   * @param path the field in the answer
   * @param wanted the field in the request
   */
  public record OperationsField(String path, String wanted, ResourceType type) {}

  private static final int CLUSTER_AUTHORIZATION_FAILED = 31;
  private static final int TOPIC_AUTHORIZATION_FAILED = 29;

  private static final Map<Integer, List<Demand>> DEMANDS = new HashMap<>();
  private static final Map<Integer, List<OperationsField>> OPERATIONS = new HashMap<>();

  static {
    records();
    groups();
    transactions();
    shareAndStreamsGroups();
    topics();
    configs();
    cluster();
    tokens();
    operations();
  }

  private AclTable() {}

  /** The rights that requests of an API need; empty if they need none. */
  public static List<Demand> demands(int apiKey) {
    return DEMANDS.getOrDefault(apiKey, List.of());
  }

  /** The fields of authorized operations in answers of an API. */
  public static List<OperationsField> operations(int apiKey) {
    return OPERATIONS.getOrDefault(apiKey, List.of());
  }

  private static void records() {
    api(
        0, // Produce
        named("TransactionalId").needs(WRITE, TRANSACTIONAL_ID).when(When.TRANSACTIONAL_RECORDS),
        named("TopicData.Name", "TopicData.TopicId").needs(WRITE, TOPIC).otherwise(ELEMENT));
    api(
        1, // Fetch: in a session also the partitions that it remembers
        onCluster(CLUSTER_ACTION)
            .when(When.FROM_FOLLOWER)
            .otherwise(ELEMENT, TOPIC_AUTHORIZATION_FAILED),
        named("Topics.Topic", "Topics.TopicId")
            .needs(READ, TOPIC)
            .when(When.FROM_CONSUMER)
            .otherwise(ELEMENT));
    api(2, named("Topics.Name").needs(DESCRIBE, TOPIC).otherwise(ELEMENT)); // ListOffsets
    api(21, named("Topics.Name").needs(DELETE, TOPIC).otherwise(ELEMENT)); // DeleteRecords
    api(
        23, // OffsetForLeaderEpoch
        named("Topics.Topic")
            .needs(DESCRIBE, TOPIC)
            .unless(CLUSTER_ACTION, CLUSTER)
            .otherwise(ELEMENT));
    api(61, named("Topics.Name").needs(READ, TOPIC).otherwise(ELEMENT)); // DescribeProducers
  }

  private static void groups() {
    api(
        8, // OffsetCommit
        named("GroupId").needs(READ, GROUP),
        named("Topics.Name", "Topics.TopicId").needs(READ, TOPIC).otherwise(ELEMENT));
    api(
        9, // OffsetFetch
        named("GroupId").needs(DESCRIBE, GROUP),
        named("Groups.GroupId").needs(DESCRIBE, GROUP).otherwise(ELEMENT),
        named("Topics.Name", "Groups.Topics.Name", "Groups.Topics.TopicId")
            .needs(DESCRIBE, TOPIC)
            .otherwise(ELEMENT),
        answered("Topics.Name", "Groups.Topics.Name", "Groups.Topics.TopicId")
            .needs(DESCRIBE, TOPIC)
            .when(When.ALL_RESOURCES)
            .otherwise(OMITTED));
    api(
        10, // FindCoordinator
        named("Key", "CoordinatorKeys")
            .needs(DESCRIBE, GROUP)
            .when(When.GROUP_KEY)
            .otherwise(ELEMENT),
        named("Key", "CoordinatorKeys")
            .needs(DESCRIBE, TRANSACTIONAL_ID)
            .when(When.TRANSACTION_KEY)
            .otherwise(ELEMENT),
        onCluster(CLUSTER_ACTION).when(When.SHARE_KEY));
    for (int api : new int[] {11, 12, 13, 14}) { // JoinGroup, Heartbeat, LeaveGroup, SyncGroup
      api(api, named("GroupId").needs(READ, GROUP));
    }
    api(15, named("Groups").needs(DESCRIBE, GROUP).otherwise(ELEMENT)); // DescribeGroups
    api(
        16, // ListGroups
        answered("Groups.GroupId")
            .needs(DESCRIBE, GROUP)
            .unless(DESCRIBE, CLUSTER)
            .otherwise(OMITTED));
    api(42, named("GroupsNames").needs(DELETE, GROUP).otherwise(ELEMENT)); // DeleteGroups
    api(
        47, // OffsetDelete
        named("GroupId").needs(DELETE, GROUP),
        named("Topics.Name").needs(READ, TOPIC).otherwise(ELEMENT));
    api(
        68, // ConsumerGroupHeartbeat
        named("GroupId").needs(READ, GROUP),
        named("SubscribedTopicNames").needs(DESCRIBE, TOPIC),
        named("SubscribedTopicRegex").needs(DESCRIBE, TOPIC).otherwise(OMITTED));
    api(
        69, // ConsumerGroupDescribe
        named("GroupIds").needs(DESCRIBE, GROUP).otherwise(ELEMENT),
        answered(
                "Groups.Members.Assignment.TopicPartitions.TopicName",
                "Groups.Members.TargetAssignment.TopicPartitions.TopicName")
            .needs(DESCRIBE, TOPIC)
            .otherwise(PARENT));
  }

  private static void transactions() {
    api(
        22, // InitProducerId
        named("TransactionalId").needs(WRITE, TRANSACTIONAL_ID).when(When.TRANSACTIONAL_ID_GIVEN),
        named("TransactionalId")
            .needs(TWO_PHASE_COMMIT, TRANSACTIONAL_ID)
            .when(When.TWO_PHASE_COMMIT_ENABLED),
        new Line(new AnyResource())
            .needs(WRITE, TOPIC)
            .unless(IDEMPOTENT_WRITE, CLUSTER)
            .when(When.NO_TRANSACTIONAL_ID)
            .otherwise(WHOLE, CLUSTER_AUTHORIZATION_FAILED));
    api(
        24, // AddPartitionsToTxn; internal topics are refused as if the right was missing
        onCluster(CLUSTER_ACTION).when(When.VERSION_OF_BROKERS),
        named("V3AndBelowTransactionalId").needs(WRITE, TRANSACTIONAL_ID),
        named("V3AndBelowTopics.Name").needs(WRITE, TOPIC).otherwise(ELEMENT_AND_NOTHING_DONE));
    api(
        25, // AddOffsetsToTxn
        named("TransactionalId").needs(WRITE, TRANSACTIONAL_ID),
        named("GroupId").needs(READ, GROUP));
    api(26, named("TransactionalId").needs(WRITE, TRANSACTIONAL_ID)); // EndTxn
    api(27, onCluster(CLUSTER_ACTION).unless(ALTER, CLUSTER)); // WriteTxnMarkers
    api(
        28, // TxnOffsetCommit
        named("TransactionalId").needs(WRITE, TRANSACTIONAL_ID),
        named("GroupId").needs(READ, GROUP),
        named("Topics.Name", "Topics.TopicId").needs(READ, TOPIC).otherwise(ELEMENT));
    api(
        65, // DescribeTransactions
        named("TransactionalIds").needs(DESCRIBE, TRANSACTIONAL_ID).otherwise(ELEMENT),
        answered("TransactionStates.Topics.Topic").needs(DESCRIBE, TOPIC).otherwise(OMITTED));
    api(
        66, // ListTransactions
        answered("TransactionStates.TransactionalId")
            .needs(DESCRIBE, TRANSACTIONAL_ID)
            .otherwise(OMITTED));
  }

  private static void shareAndStreamsGroups() {
    api(
        76, // ShareGroupHeartbeat
        named("GroupId").needs(READ, GROUP),
        named("SubscribedTopicNames").needs(DESCRIBE, TOPIC));
    api(
        77, // ShareGroupDescribe
        named("GroupIds").needs(DESCRIBE, GROUP).otherwise(ELEMENT),
        answered("Groups.Members.Assignment.TopicPartitions.TopicName")
            .needs(DESCRIBE, TOPIC)
            .otherwise(PARENT));
    for (int api : new int[] {78, 79}) { // ShareFetch, ShareAcknowledge
      api(
          api,
          named("GroupId").needs(READ, GROUP),
          named("Topics.TopicId").needs(READ, TOPIC).otherwise(ELEMENT));
    }
    for (int api = 83;
        api <= 87;
        api++) { // ShareGroupState: initialize, read, write, delete, sum up
      api(api, onCluster(CLUSTER_ACTION));
    }
    api(
        88, // StreamsGroupHeartbeat; a status tells of internal topics that are not created
        named("GroupId").needs(READ, GROUP),
        named(
                "Topology.Subtopologies.SourceTopics",
                "Topology.Subtopologies.RepartitionSinkTopics",
                "Topology.Subtopologies.RepartitionSourceTopics.Name",
                "Topology.Subtopologies.StateChangelogTopics.Name")
            .needs(DESCRIBE, TOPIC),
        named(
                "Topology.Subtopologies.RepartitionSourceTopics.Name",
                "Topology.Subtopologies.StateChangelogTopics.Name")
            .needs(CREATE, TOPIC)
            .unless(CREATE, CLUSTER)
            .when(When.TOPIC_IS_CREATED)
            .otherwise(WITHHELD, 0));
    api(
        89, // StreamsGroupDescribe
        named("GroupIds").needs(DESCRIBE, GROUP).otherwise(ELEMENT),
        answered(
                "Groups.Topology.Subtopologies.SourceTopics",
                "Groups.Topology.Subtopologies.RepartitionSinkTopics",
                "Groups.Topology.Subtopologies.RepartitionSourceTopics.Name",
                "Groups.Topology.Subtopologies.StateChangelogTopics.Name")
            .needs(DESCRIBE, TOPIC)
            .otherwise(PARENT));
    api(
        90, // DescribeShareGroupOffsets
        named("Groups.GroupId").needs(DESCRIBE, GROUP).otherwise(ELEMENT),
        named("Groups.Topics.TopicName").needs(DESCRIBE, TOPIC).otherwise(ELEMENT),
        answered("Groups.Topics.TopicName")
            .needs(DESCRIBE, TOPIC)
            .when(When.ALL_RESOURCES)
            .otherwise(OMITTED));
    api(
        91, // AlterShareGroupOffsets
        named("GroupId").needs(READ, GROUP),
        named("Topics.TopicName").needs(READ, TOPIC).otherwise(ELEMENT));
    api(
        92, // DeleteShareGroupOffsets
        named("GroupId").needs(DELETE, GROUP),
        named("Topics.TopicName").needs(READ, TOPIC).otherwise(ELEMENT));
    api(93, named("GroupId").needs(READ, GROUP)); // StreamsGroupTopologyDescriptionUpdate
  }

  private static void topics() {
    api(
        3, // Metadata: refused topics have the name or the id of the request, not the other one
        named("Topics.Name", "Topics.TopicId").needs(DESCRIBE, TOPIC).otherwise(ELEMENT),
        answered("Topics.Name").needs(DESCRIBE, TOPIC).when(When.ALL_RESOURCES).otherwise(OMITTED),
        named("Topics.Name")
            .needs(CREATE, TOPIC)
            .unless(CREATE, CLUSTER)
            .when(When.TOPIC_IS_CREATED)
            .otherwise(ELEMENT),
        onCluster(DESCRIBE).when(When.CLUSTER_OPERATIONS_WANTED).otherwise(WITHHELD, 0));
    api(
        19, // CreateTopics; without DESCRIBE_CONFIGS the topic is created, but not described
        named("Topics.Name").needs(CREATE, TOPIC).unless(CREATE, CLUSTER).otherwise(ELEMENT),
        answered("Topics.Name").needs(DESCRIBE_CONFIGS, TOPIC).otherwise(WITHHELD));
    api(
        20, // DeleteTopics; without DESCRIBE a topic that was named by its id stays without a name
        named("TopicNames", "Topics.Name")
            .needs(DESCRIBE, TOPIC)
            .unless(DELETE, CLUSTER)
            .otherwise(ELEMENT),
        named("TopicNames", "Topics.Name", "Topics.TopicId")
            .needs(DELETE, TOPIC)
            .unless(DELETE, CLUSTER)
            .otherwise(ELEMENT),
        answered("Responses.Name")
            .needs(DESCRIBE, TOPIC)
            .unless(DELETE, CLUSTER)
            .otherwise(WITHHELD));
    api(37, named("Topics.Name").needs(ALTER, TOPIC).otherwise(ELEMENT)); // CreatePartitions
    api(
        75, // DescribeTopicPartitions
        named("Topics.Name").needs(DESCRIBE, TOPIC).otherwise(ELEMENT),
        answered("Topics.Name").needs(DESCRIBE, TOPIC).when(When.ALL_RESOURCES).otherwise(OMITTED));
  }

  private static void configs() {
    for (int api :
        new int[] {32, 33, 44}) { // DescribeConfigs, AlterConfigs, IncrementalAlterConfigs
      Operation operation = api == 32 ? DESCRIBE_CONFIGS : ALTER_CONFIGS;
      api(
          api,
          named("Resources.ResourceName")
              .needs(operation, TOPIC)
              .when(When.CONFIGS_OF_TOPIC)
              .otherwise(ELEMENT),
          named("Resources.ResourceName")
              .needs(operation, GROUP)
              .when(When.CONFIGS_OF_GROUP)
              .otherwise(ELEMENT),
          onCluster(operation).when(When.CONFIGS_OF_CLUSTER).otherwise(ELEMENT));
    }
    api(48, onCluster(DESCRIBE_CONFIGS)); // DescribeClientQuotas
    api(49, onCluster(ALTER_CONFIGS)); // AlterClientQuotas
    api(74, onCluster(DESCRIBE_CONFIGS)); // ListConfigResources
  }

  private static void cluster() {
    onCluster(
        DESCRIBE, 29, // DescribeAcls
        35, // DescribeLogDirs
        46, // ListPartitionReassignments
        50, // DescribeUserScramCredentials
        55); // DescribeQuorum
    onCluster(
        ALTER, 30, // CreateAcls
        31, // DeleteAcls
        34, // AlterReplicaLogDirs
        43, // ElectLeaders
        45, // AlterPartitionReassignments
        51, // AlterUserScramCredentials
        57, // UpdateFeatures
        64, // UnregisterBroker
        80, // AddRaftVoter
        81, // RemoveRaftVoter
        94); // UnregisterController
    onCluster(
        CLUSTER_ACTION, // among brokers and controllers
        52, // Vote
        53, // BeginQuorumEpoch
        54, // EndQuorumEpoch
        56, // AlterPartition
        58, // Envelope
        59, // FetchSnapshot
        62, // BrokerRegistration
        63, // BrokerHeartbeat
        67, // AllocateProducerIds
        70, // ControllerRegistration
        73, // AssignReplicasToDirs
        82); // UpdateRaftVoter
    api(
        60, // DescribeCluster
        onCluster(DESCRIBE).when(When.CLUSTER_OPERATIONS_WANTED).otherwise(WITHHELD, 0));
  }

  private static void tokens() {
    api(
        38, // CreateDelegationToken; the resource is the owner with its type, as User:alice
        named("OwnerPrincipalName").needs(CREATE_TOKENS, USER).when(When.TOKEN_FOR_OTHER_OWNER));
    api(
        41, // DescribeDelegationToken
        answered("Tokens.TokenId")
            .needs(DESCRIBE, DELEGATION_TOKEN)
            .unless(DESCRIBE_TOKENS, USER)
            .when(When.TOKEN_OF_OTHER_OWNER)
            .otherwise(OMITTED));
  }

  private static void operations() {
    String groups = "Groups.AuthorizedOperations";
    for (int api : new int[] {15, 69, 77, 89}) { // descriptions of groups of each type
      fields(api, new OperationsField(groups, "IncludeAuthorizedOperations", GROUP));
    }
    String cluster = "ClusterAuthorizedOperations";
    String clusterWanted = "IncludeClusterAuthorizedOperations";
    String topics = "Topics.TopicAuthorizedOperations";
    fields(
        3, // Metadata
        new OperationsField(cluster, clusterWanted, CLUSTER),
        new OperationsField(topics, "IncludeTopicAuthorizedOperations", TOPIC));
    fields(60, new OperationsField(cluster, clusterWanted, CLUSTER)); // DescribeCluster
    fields(75, new OperationsField(topics, "", TOPIC)); // DescribeTopicPartitions: always wanted
  }

  private static void fields(int api, OperationsField... fields) {
    OPERATIONS.put(api, List.of(fields));
  }

  private static void api(int api, Line... lines) {
    if (DEMANDS.put(api, Arrays.stream(lines).map(Line::demand).toList()) != null) {
      throw new IllegalStateException("API " + api + " twice");
    }
  }

  private static void onCluster(Operation operation, int... apis) {
    for (int api : apis) {
      api(api, onCluster(operation));
    }
  }

  private static Line onCluster(Operation operation) {
    return new Line(new WholeCluster()).needs(operation, CLUSTER);
  }

  private static Line named(String... paths) {
    return new Line(new Named(Side.REQUEST, List.of(paths)));
  }

  private static Line answered(String... paths) {
    return new Line(new Named(Side.ANSWER, List.of(paths)));
  }

  /** A demand in the making; unless told otherwise, always, and refused as a whole. */
  private static final class Line {

    private final Subject subject;
    private Right right = new Right(DESCRIBE, CLUSTER);
    private When when = When.ALWAYS;
    private @Nullable Right unless;
    private Effect effect = WHOLE;
    private int errorCode = -1;

    Line(Subject subject) {
      this.subject = subject;
    }

    Line needs(Operation operation, ResourceType type) {
      right = new Right(operation, type);
      return this;
    }

    Line when(When condition) {
      when = condition;
      return this;
    }

    Line unless(Operation operation, ResourceType type) {
      unless = new Right(operation, type);
      return this;
    }

    Line otherwise(Effect what) {
      effect = what;
      return this;
    }

    Line otherwise(Effect what, int error) {
      errorCode = error;
      return otherwise(what);
    }

    Demand demand() {
      int usual = effect == OMITTED ? 0 : right.type().errorCode();
      Refusal refusal = new Refusal(effect, errorCode < 0 ? usual : errorCode);
      return new Demand(subject, right, when, unless, refusal);
    }
  }
}
