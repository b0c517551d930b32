package io.gatehouse.wire.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kinds of fields. The lists are exact, so that a Kafka release that adds an address or a
 * secret fails here until its kind is defined; {@link FieldsOfTenantsTest} does so for names.
 */
class OverlayTest {

  private static final Set<FieldKind> HOSTS =
      EnumSet.of(FieldKind.HOST, FieldKind.CONTROLLER_HOST, FieldKind.APPLICATION_HOST);

  private static final Pattern ID =
      Pattern.compile("(Broker|Node|Leader|Replica|Voter|Coordinator|Controller)s?(Id|Ids)?$");

  @Test
  void theAddresses() {
    assertThat(found((struct, field) -> HOSTS.contains(field.kind())))
        .containsExactly(
            lines(
                """
                AddRaftVoterRequest.Listeners.Host HOST
                BeginQuorumEpochRequest.LeaderEndpoints.Host HOST
                BeginQuorumEpochResponse.NodeEndpoints.Host CONTROLLER_HOST
                BrokerRegistrationRequest.Listeners.Host HOST
                ControllerRegistrationRequest.Listeners.Host HOST
                DescribeClusterResponse.Brokers.Host HOST
                DescribeQuorumResponse.Nodes.Listeners.Host CONTROLLER_HOST
                EndQuorumEpochRequest.LeaderEndpoints.Host HOST
                EndQuorumEpochResponse.NodeEndpoints.Host CONTROLLER_HOST
                FetchResponse.NodeEndpoints.Host HOST
                FetchSnapshotResponse.NodeEndpoints.Host CONTROLLER_HOST
                FindCoordinatorResponse.Coordinators.Host HOST
                FindCoordinatorResponse.Host HOST
                MetadataResponse.Brokers.Host HOST
                ProduceResponse.NodeEndpoints.Host HOST
                ShareAcknowledgeResponse.NodeEndpoints.Host HOST
                ShareFetchResponse.NodeEndpoints.Host HOST
                StreamsGroupDescribeResponse.Groups.Members.UserEndpoint.Host APPLICATION_HOST
                StreamsGroupHeartbeatRequest.UserEndpoint.Host APPLICATION_HOST
                StreamsGroupHeartbeatResponse.PartitionsByUserEndpoint.UserEndpoint.Host APPLICATION_HOST
                UpdateRaftVoterRequest.Listeners.Host HOST
                UpdateRaftVoterResponse.CurrentLeader.Host CONTROLLER_HOST
                VoteResponse.NodeEndpoints.Host CONTROLLER_HOST
                VotersRecord.Voters.Endpoints.Host HOST
                """));
  }

  /** The versions of APIs in ApiVersions responses. */
  @Test
  void theVersions() {
    assertThat(
            found((struct, field) ->
                field.kind() == FieldKind.API_KEY || field.kind().name().endsWith("_VERSION")))
        .containsExactly(
            lines(
                """
                ApiVersionsResponse.ApiKeys.ApiKey API_KEY
                ApiVersionsResponse.ApiKeys.MaxVersion HIGHEST_VERSION
                ApiVersionsResponse.ApiKeys.MinVersion LOWEST_VERSION
                """));
  }

  /** Configurations whose values may be addresses. */
  @Test
  void theConfigurations() {
    assertThat(found((struct, field) -> field.kind().name().startsWith("CONFIG_")))
        .containsExactly(
            lines(
                """
                AlterConfigsRequest.Resources.Configs.Name CONFIG_NAME
                AlterConfigsRequest.Resources.Configs.Value CONFIG_VALUE
                CreateTopicsRequest.Topics.Configs.Name CONFIG_NAME
                CreateTopicsRequest.Topics.Configs.Value CONFIG_VALUE
                CreateTopicsResponse.Topics.Configs.Name CONFIG_NAME
                CreateTopicsResponse.Topics.Configs.Value CONFIG_VALUE
                DescribeConfigsResponse.Results.Configs.Name CONFIG_NAME
                DescribeConfigsResponse.Results.Configs.Synonyms.Name CONFIG_NAME
                DescribeConfigsResponse.Results.Configs.Synonyms.Value CONFIG_VALUE
                DescribeConfigsResponse.Results.Configs.Value CONFIG_VALUE
                IncrementalAlterConfigsRequest.Resources.Configs.Name CONFIG_NAME
                IncrementalAlterConfigsRequest.Resources.Configs.Value CONFIG_VALUE
                """));
  }

  /** The node ids of addresses. */
  @Test
  void theNodesOfTheAddresses() {
    assertThat(found((struct, field) -> field.kind() == FieldKind.NODE_ID))
        .containsExactly(
            lines(
                """
                BeginQuorumEpochResponse.NodeEndpoints.NodeId NODE_ID
                BrokerRegistrationRequest.BrokerId NODE_ID
                DescribeClusterResponse.Brokers.BrokerId NODE_ID
                DescribeQuorumResponse.Nodes.NodeId NODE_ID
                EndQuorumEpochResponse.NodeEndpoints.NodeId NODE_ID
                FetchResponse.NodeEndpoints.NodeId NODE_ID
                FetchSnapshotResponse.NodeEndpoints.NodeId NODE_ID
                FindCoordinatorResponse.Coordinators.NodeId NODE_ID
                FindCoordinatorResponse.NodeId NODE_ID
                MetadataResponse.Brokers.NodeId NODE_ID
                ProduceResponse.NodeEndpoints.NodeId NODE_ID
                ShareAcknowledgeResponse.NodeEndpoints.NodeId NODE_ID
                ShareFetchResponse.NodeEndpoints.NodeId NODE_ID
                UpdateRaftVoterResponse.CurrentLeader.LeaderId NODE_ID
                VoteResponse.NodeEndpoints.NodeId NODE_ID
                """));
  }

  /** Names that tenants must not see of each other, and the bytes that contain such names. */
  @Test
  void namesOtherThanTopicsAndGroups() {
    Set<FieldKind> kinds = EnumSet.range(FieldKind.CLUSTER_ID, FieldKind.ENVELOPE);
    assertThat(found((struct, field) -> kinds.contains(field.kind())))
        .containsExactly(
            lines(
                """
                AddRaftVoterRequest.ClusterId CLUSTER_ID
                AddRaftVoterRequest.Listeners.Name LISTENER_NAME
                AlterClientQuotasRequest.Entries.Entity.EntityName QUOTA_ENTITY_NAME
                AlterClientQuotasRequest.Entries.Entity.EntityType QUOTA_ENTITY_TYPE
                AlterClientQuotasResponse.Entries.Entity.EntityName QUOTA_ENTITY_NAME
                AlterClientQuotasResponse.Entries.Entity.EntityType QUOTA_ENTITY_TYPE
                AlterReplicaLogDirsRequest.Dirs.Path LOG_DIR
                AlterUserScramCredentialsRequest.Deletions.Name PRINCIPAL_NAME
                AlterUserScramCredentialsRequest.Upsertions.Name PRINCIPAL_NAME
                AlterUserScramCredentialsResponse.Results.User PRINCIPAL_NAME
                ApiVersionsRequest.ClusterId CLUSTER_ID
                BeginQuorumEpochRequest.ClusterId CLUSTER_ID
                BeginQuorumEpochRequest.LeaderEndpoints.Name LISTENER_NAME
                BrokerRegistrationRequest.ClusterId CLUSTER_ID
                BrokerRegistrationRequest.Listeners.Name LISTENER_NAME
                ConsumerGroupDescribeResponse.Groups.Members.ClientHost CLIENT_HOST
                ConsumerGroupDescribeResponse.Groups.Members.SubscribedTopicRegex TOPIC_PATTERN
                ConsumerGroupHeartbeatRequest.SubscribedTopicRegex TOPIC_PATTERN
                ControllerRegistrationRequest.Listeners.Name LISTENER_NAME
                CreateAclsRequest.Creations.Host ACL_HOST
                CreateAclsRequest.Creations.Principal PRINCIPAL
                CreateDelegationTokenRequest.OwnerPrincipalName PRINCIPAL_NAME
                CreateDelegationTokenRequest.Renewers.PrincipalName PRINCIPAL_NAME
                CreateDelegationTokenResponse.PrincipalName PRINCIPAL_NAME
                CreateDelegationTokenResponse.TokenId TOKEN_ID
                CreateDelegationTokenResponse.TokenRequesterPrincipalName PRINCIPAL_NAME
                DeleteAclsRequest.Filters.HostFilter ACL_HOST
                DeleteAclsRequest.Filters.PrincipalFilter PRINCIPAL
                DeleteAclsResponse.FilterResults.MatchingAcls.Host ACL_HOST
                DeleteAclsResponse.FilterResults.MatchingAcls.Principal PRINCIPAL
                DescribeAclsRequest.HostFilter ACL_HOST
                DescribeAclsRequest.PrincipalFilter PRINCIPAL
                DescribeAclsResponse.Resources.Acls.Host ACL_HOST
                DescribeAclsResponse.Resources.Acls.Principal PRINCIPAL
                DescribeClientQuotasRequest.Components.EntityType QUOTA_ENTITY_TYPE
                DescribeClientQuotasRequest.Components.Match QUOTA_ENTITY_NAME
                DescribeClientQuotasResponse.Entries.Entity.EntityName QUOTA_ENTITY_NAME
                DescribeClientQuotasResponse.Entries.Entity.EntityType QUOTA_ENTITY_TYPE
                DescribeClusterResponse.ClusterId CLUSTER_ID
                DescribeDelegationTokenRequest.Owners.PrincipalName PRINCIPAL_NAME
                DescribeDelegationTokenResponse.Tokens.PrincipalName PRINCIPAL_NAME
                DescribeDelegationTokenResponse.Tokens.Renewers.PrincipalName PRINCIPAL_NAME
                DescribeDelegationTokenResponse.Tokens.TokenId TOKEN_ID
                DescribeDelegationTokenResponse.Tokens.TokenRequesterPrincipalName PRINCIPAL_NAME
                DescribeGroupsResponse.Groups.Members.ClientHost CLIENT_HOST
                DescribeGroupsResponse.Groups.Members.MemberAssignment GROUP_ASSIGNMENT
                DescribeGroupsResponse.Groups.Members.MemberMetadata GROUP_METADATA
                DescribeGroupsResponse.Groups.ProtocolType GROUP_PROTOCOL_TYPE
                DescribeLogDirsResponse.Results.LogDir LOG_DIR
                DescribeQuorumResponse.Nodes.Listeners.Name LISTENER_NAME
                DescribeUserScramCredentialsRequest.Users.Name PRINCIPAL_NAME
                DescribeUserScramCredentialsResponse.Results.User PRINCIPAL_NAME
                EndQuorumEpochRequest.ClusterId CLUSTER_ID
                EndQuorumEpochRequest.LeaderEndpoints.Name LISTENER_NAME
                EnvelopeRequest.ClientHostAddress ENVELOPE
                EnvelopeRequest.RequestData ENVELOPE
                EnvelopeRequest.RequestPrincipal ENVELOPE
                EnvelopeResponse.ResponseData ENVELOPE
                FetchRequest.ClusterId CLUSTER_ID
                FetchSnapshotRequest.ClusterId CLUSTER_ID
                JoinGroupRequest.ProtocolType GROUP_PROTOCOL_TYPE
                JoinGroupRequest.Protocols.Metadata GROUP_METADATA
                JoinGroupResponse.Members.Metadata GROUP_METADATA
                JoinGroupResponse.ProtocolType GROUP_PROTOCOL_TYPE
                ListGroupsResponse.Groups.ProtocolType GROUP_PROTOCOL_TYPE
                ListTransactionsRequest.TransactionalIdPattern TRANSACTIONAL_ID_PATTERN
                MetadataResponse.ClusterId CLUSTER_ID
                RemoveRaftVoterRequest.ClusterId CLUSTER_ID
                ShareGroupDescribeResponse.Groups.Members.ClientHost CLIENT_HOST
                StreamsGroupDescribeResponse.Groups.Members.ClientHost CLIENT_HOST
                StreamsGroupHeartbeatRequest.Topology.Subtopologies.SourceTopicRegex TOPIC_PATTERN
                SyncGroupRequest.Assignments.Assignment GROUP_ASSIGNMENT
                SyncGroupRequest.ProtocolType GROUP_PROTOCOL_TYPE
                SyncGroupResponse.Assignment GROUP_ASSIGNMENT
                SyncGroupResponse.ProtocolType GROUP_PROTOCOL_TYPE
                UpdateRaftVoterRequest.ClusterId CLUSTER_ID
                UpdateRaftVoterRequest.Listeners.Name LISTENER_NAME
                VoteRequest.ClusterId CLUSTER_ID
                VotersRecord.Voters.Endpoints.Name LISTENER_NAME
                """));
  }

  /** Names whose kind is that of a sibling. */
  @Test
  void theResources() {
    assertThat(found((struct, field) -> field.kind().name().startsWith("RESOURCE_")))
        .containsExactly(
            lines(
                """
                AlterConfigsRequest.Resources.ResourceName RESOURCE_NAME
                AlterConfigsRequest.Resources.ResourceType RESOURCE_TYPE
                AlterConfigsResponse.Responses.ResourceName RESOURCE_NAME
                AlterConfigsResponse.Responses.ResourceType RESOURCE_TYPE
                CreateAclsRequest.Creations.ResourceName RESOURCE_NAME
                CreateAclsRequest.Creations.ResourceType RESOURCE_TYPE
                DeleteAclsRequest.Filters.ResourceNameFilter RESOURCE_NAME
                DeleteAclsRequest.Filters.ResourceTypeFilter RESOURCE_TYPE
                DeleteAclsResponse.FilterResults.MatchingAcls.ResourceName RESOURCE_NAME
                DeleteAclsResponse.FilterResults.MatchingAcls.ResourceType RESOURCE_TYPE
                DescribeAclsRequest.ResourceNameFilter RESOURCE_NAME
                DescribeAclsRequest.ResourceTypeFilter RESOURCE_TYPE
                DescribeAclsResponse.Resources.ResourceName RESOURCE_NAME
                DescribeAclsResponse.Resources.ResourceType RESOURCE_TYPE
                DescribeConfigsRequest.Resources.ResourceName RESOURCE_NAME
                DescribeConfigsRequest.Resources.ResourceType RESOURCE_TYPE
                DescribeConfigsResponse.Results.ResourceName RESOURCE_NAME
                DescribeConfigsResponse.Results.ResourceType RESOURCE_TYPE
                IncrementalAlterConfigsRequest.Resources.ResourceName RESOURCE_NAME
                IncrementalAlterConfigsRequest.Resources.ResourceType RESOURCE_TYPE
                IncrementalAlterConfigsResponse.Responses.ResourceName RESOURCE_NAME
                IncrementalAlterConfigsResponse.Responses.ResourceType RESOURCE_TYPE
                ListConfigResourcesResponse.ConfigResources.ResourceName RESOURCE_NAME
                ListConfigResourcesResponse.ConfigResources.ResourceType RESOURCE_TYPE
                """));
  }

  @Test
  void idsWithoutAKind() {
    assertThat(found((struct, field) -> field.kind() == FieldKind.NONE && isId(field)))
        .containsExactly(
            lines(
                """
                AddRaftVoterRequest.VoterDirectoryId
                AddRaftVoterRequest.VoterId
                ApiVersionsRequest.NodeId
                AssignReplicasToDirsRequest.Directories.Id
                AssignReplicasToDirsResponse.Directories.Id
                BeginQuorumEpochRequest.Topics.Partitions.VoterDirectoryId
                BrokerHeartbeatRequest.CordonedLogDirs
                BrokerHeartbeatRequest.OfflineLogDirs
                BrokerRegistrationRequest.IncarnationId
                BrokerRegistrationRequest.LogDirs
                ControllerRegistrationRequest.ControllerId
                ControllerRegistrationRequest.IncarnationId
                DescribeQuorumResponse.Topics.Partitions.CurrentVoters.ReplicaDirectoryId
                DescribeQuorumResponse.Topics.Partitions.Observers.ReplicaDirectoryId
                EndQuorumEpochRequest.Topics.Partitions.PreferredCandidates.CandidateDirectoryId
                FetchRequest.Topics.Partitions.ReplicaDirectoryId
                FetchSnapshotRequest.Topics.Partitions.ReplicaDirectoryId
                GetTelemetrySubscriptionsRequest.ClientInstanceId
                GetTelemetrySubscriptionsResponse.ClientInstanceId
                LeaderChangeMessage.GrantingVoters.VoterDirectoryId
                LeaderChangeMessage.GrantingVoters.VoterId
                LeaderChangeMessage.Voters.VoterDirectoryId
                LeaderChangeMessage.Voters.VoterId
                PushTelemetryRequest.ClientInstanceId
                RemoveRaftVoterRequest.VoterDirectoryId
                RemoveRaftVoterRequest.VoterId
                ShareAcknowledgeResponse.Responses.Partitions.CurrentLeader.LeaderId
                ShareFetchResponse.Responses.Partitions.CurrentLeader.LeaderId
                UnregisterControllerRequest.ControllerId
                UpdateRaftVoterRequest.VoterDirectoryId
                UpdateRaftVoterRequest.VoterId
                VoteRequest.Topics.Partitions.ReplicaDirectoryId
                VoteRequest.Topics.Partitions.VoterDirectoryId
                VotersRecord.Voters.VoterDirectoryId
                """));
  }

  /** Brokers' error texts, which may contain addresses. */
  @Test
  void theErrorMessages() {
    assertThat(found((struct, field) -> field.kind() == FieldKind.ERROR_MESSAGE))
        .containsExactly(
            lines(
                """
                AddRaftVoterResponse.ErrorMessage ERROR_MESSAGE
                AlterClientQuotasResponse.Entries.ErrorMessage ERROR_MESSAGE
                AlterConfigsResponse.Responses.ErrorMessage ERROR_MESSAGE
                AlterPartitionReassignmentsResponse.ErrorMessage ERROR_MESSAGE
                AlterPartitionReassignmentsResponse.Responses.Partitions.ErrorMessage ERROR_MESSAGE
                AlterShareGroupOffsetsResponse.ErrorMessage ERROR_MESSAGE
                AlterShareGroupOffsetsResponse.Responses.Partitions.ErrorMessage ERROR_MESSAGE
                AlterUserScramCredentialsResponse.Results.ErrorMessage ERROR_MESSAGE
                ConsumerGroupDescribeResponse.Groups.ErrorMessage ERROR_MESSAGE
                ConsumerGroupHeartbeatResponse.ErrorMessage ERROR_MESSAGE
                ControllerRegistrationResponse.ErrorMessage ERROR_MESSAGE
                CreateAclsResponse.Results.ErrorMessage ERROR_MESSAGE
                CreatePartitionsResponse.Results.ErrorMessage ERROR_MESSAGE
                CreateTopicsResponse.Topics.ErrorMessage ERROR_MESSAGE
                DeleteAclsResponse.FilterResults.ErrorMessage ERROR_MESSAGE
                DeleteAclsResponse.FilterResults.MatchingAcls.ErrorMessage ERROR_MESSAGE
                DeleteGroupsResponse.Results.ErrorMessage ERROR_MESSAGE
                DeleteShareGroupOffsetsResponse.ErrorMessage ERROR_MESSAGE
                DeleteShareGroupOffsetsResponse.Responses.ErrorMessage ERROR_MESSAGE
                DeleteShareGroupStateResponse.Results.Partitions.ErrorMessage ERROR_MESSAGE
                DeleteTopicsResponse.Responses.ErrorMessage ERROR_MESSAGE
                DescribeAclsResponse.ErrorMessage ERROR_MESSAGE
                DescribeClientQuotasResponse.ErrorMessage ERROR_MESSAGE
                DescribeClusterResponse.ErrorMessage ERROR_MESSAGE
                DescribeConfigsResponse.Results.ErrorMessage ERROR_MESSAGE
                DescribeGroupsResponse.Groups.ErrorMessage ERROR_MESSAGE
                DescribeProducersResponse.Topics.Partitions.ErrorMessage ERROR_MESSAGE
                DescribeQuorumResponse.ErrorMessage ERROR_MESSAGE
                DescribeQuorumResponse.Topics.Partitions.ErrorMessage ERROR_MESSAGE
                DescribeShareGroupOffsetsResponse.Groups.ErrorMessage ERROR_MESSAGE
                DescribeShareGroupOffsetsResponse.Groups.Topics.Partitions.ErrorMessage ERROR_MESSAGE
                DescribeUserScramCredentialsResponse.ErrorMessage ERROR_MESSAGE
                DescribeUserScramCredentialsResponse.Results.ErrorMessage ERROR_MESSAGE
                ElectLeadersResponse.ReplicaElectionResults.PartitionResult.ErrorMessage ERROR_MESSAGE
                FindCoordinatorResponse.Coordinators.ErrorMessage ERROR_MESSAGE
                FindCoordinatorResponse.ErrorMessage ERROR_MESSAGE
                IncrementalAlterConfigsResponse.Responses.ErrorMessage ERROR_MESSAGE
                InitializeShareGroupStateResponse.Results.Partitions.ErrorMessage ERROR_MESSAGE
                ListPartitionReassignmentsResponse.ErrorMessage ERROR_MESSAGE
                ProduceResponse.Responses.PartitionResponses.ErrorMessage ERROR_MESSAGE
                ProduceResponse.Responses.PartitionResponses.RecordErrors.BatchIndexErrorMessage ERROR_MESSAGE
                ReadShareGroupStateResponse.Results.Partitions.ErrorMessage ERROR_MESSAGE
                ReadShareGroupStateSummaryResponse.Results.Partitions.ErrorMessage ERROR_MESSAGE
                RemoveRaftVoterResponse.ErrorMessage ERROR_MESSAGE
                SaslAuthenticateResponse.ErrorMessage ERROR_MESSAGE
                ShareAcknowledgeResponse.ErrorMessage ERROR_MESSAGE
                ShareAcknowledgeResponse.Responses.Partitions.ErrorMessage ERROR_MESSAGE
                ShareFetchResponse.ErrorMessage ERROR_MESSAGE
                ShareFetchResponse.Responses.Partitions.AcknowledgeErrorMessage ERROR_MESSAGE
                ShareFetchResponse.Responses.Partitions.ErrorMessage ERROR_MESSAGE
                ShareGroupDescribeResponse.Groups.ErrorMessage ERROR_MESSAGE
                ShareGroupHeartbeatResponse.ErrorMessage ERROR_MESSAGE
                StreamsGroupDescribeResponse.Groups.ErrorMessage ERROR_MESSAGE
                StreamsGroupHeartbeatResponse.ErrorMessage ERROR_MESSAGE
                StreamsGroupHeartbeatResponse.Status.StatusDetail ERROR_MESSAGE
                StreamsGroupTopologyDescriptionUpdateResponse.ErrorMessage ERROR_MESSAGE
                UnregisterBrokerResponse.ErrorMessage ERROR_MESSAGE
                UnregisterControllerResponse.ErrorMessage ERROR_MESSAGE
                UpdateFeaturesResponse.ErrorMessage ERROR_MESSAGE
                UpdateFeaturesResponse.Results.ErrorMessage ERROR_MESSAGE
                WriteShareGroupStateResponse.Results.Partitions.ErrorMessage ERROR_MESSAGE
                """));
  }

  @Test
  void theSecrets() {
    assertThat(found((struct, field) -> field.kind() == FieldKind.SECRET))
        .containsExactly(
            lines(
                """
                AlterUserScramCredentialsRequest.Upsertions.Salt SECRET
                AlterUserScramCredentialsRequest.Upsertions.SaltedPassword SECRET
                CreateDelegationTokenResponse.Hmac SECRET
                DescribeDelegationTokenResponse.Tokens.Hmac SECRET
                ExpireDelegationTokenRequest.Hmac SECRET
                RenewDelegationTokenRequest.Hmac SECRET
                SaslAuthenticateRequest.AuthBytes SECRET
                SaslAuthenticateResponse.AuthBytes SECRET
                """));
  }

  @Test
  void bytesThatAreNotSecret() {
    assertThat(
            found((struct, field) ->
                field.type() == FieldType.BYTES && field.kind() == FieldKind.NONE))
        .containsExactly(
            lines(
                """
                ConsumerProtocolAssignment.UserData
                ConsumerProtocolSubscription.UserData
                PushTelemetryRequest.Metrics
                """));
  }

  private static boolean isId(FieldLayout field) {
    return switch (field.type()) {
      case UUID -> true;
      case INT32 -> ID.matcher(field.name()).find();
      default -> false;
    };
  }

  /** Address rewriting depends on the port following its host directly. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void eachHostBesideAPortIsAnAddressAndItsPortFollows(String name) {
    Messages.layouts(name).forEach(layout -> check(layout.root()));
  }

  private static void check(StructLayout struct) {
    List<FieldLayout> fields = struct.fields();
    for (int i = 0; i < fields.size(); i++) {
      FieldLayout field = fields.get(i);
      if (field.name().equals("Host")
          && fields.stream().anyMatch(sibling -> sibling.name().equals("Port"))) {
        assertThat(field.kind()).as(struct.name()).isIn(HOSTS);
        FieldLayout port = fields.get(i + 1);
        assertThat(port.name()).isEqualTo("Port");
        assertThat(port.kind().name()).isEqualTo(field.kind().name().replace("HOST", "PORT"));
      }
      if (field.struct() != null) {
        check(field.struct());
      }
    }
    for (FieldLayout field : struct.tagged()) {
      assertThat(field.name()).isNotIn("Host", "Port");
      if (field.struct() != null) {
        check(field.struct());
      }
    }
  }

  /** Message, path and kind of the matching fields, over all versions of all messages. */
  private static Set<String> found(BiPredicate<StructLayout, FieldLayout> fits) {
    Set<String> found = new TreeSet<>();
    Messages.live()
        .forEach(name ->
            Messages.layouts(name).forEach(layout -> find(layout.root(), name, fits, found)));
    return found;
  }

  private static String[] lines(String block) {
    return block.lines().toArray(String[]::new);
  }

  private static void find(
      StructLayout struct,
      String path,
      BiPredicate<StructLayout, FieldLayout> fits,
      Set<String> found) {
    List<FieldLayout> fields = new ArrayList<>(struct.fields());
    fields.addAll(struct.tagged());
    for (FieldLayout field : fields) {
      String here = path + "." + field.name();
      if (fits.test(struct, field)) {
        found.add(field.kind() == FieldKind.NONE ? here : here + " " + field.kind());
      }
      if (field.struct() != null) {
        find(field.struct(), here, fits, found);
      }
    }
  }
}
