package io.gatehouse.gateway.tenant;

/**
 * What becomes of the requests of a tenant's clients, by API. The table in docs/virtual-clusters.md
 * says the same to users.
 */
public final class TenantApis {

  private TenantApis() {}

  /** What is done with requests of one API. */
  public enum Treatment {
    /** Names are translated, and what belongs to others is left out of responses. */
    TRANSLATED,
    /** Answered with an error: it would change or show the cluster that others use too. */
    REFUSED,
    /** Answered as by a cluster without an authorizer. */
    WITHOUT_ACLS,
    /** Answered as by a cluster without delegation tokens. */
    WITHOUT_TOKENS,
    /** Not offered to clients. */
    HIDDEN
  }

  /** What is done with requests of this API, {@link Treatment#HIDDEN} for unknown ones. */
  public static Treatment of(int apiKey) {
    return switch (apiKey) {
      case 0, // Produce
          1, // Fetch
          2, // ListOffsets
          3, // Metadata
          8, // OffsetCommit
          9, // OffsetFetch
          10, // FindCoordinator
          11, // JoinGroup
          12, // Heartbeat
          13, // LeaveGroup
          14, // SyncGroup
          15, // DescribeGroups
          16, // ListGroups
          17, // SaslHandshake
          18, // ApiVersions
          19, // CreateTopics
          20, // DeleteTopics
          21, // DeleteRecords
          22, // InitProducerId
          23, // OffsetForLeaderEpoch
          24, // AddPartitionsToTxn
          25, // AddOffsetsToTxn
          26, // EndTxn
          28, // TxnOffsetCommit
          32, // DescribeConfigs
          33, // AlterConfigs
          35, // DescribeLogDirs
          36, // SaslAuthenticate
          37, // CreatePartitions
          42, // DeleteGroups
          43, // ElectLeaders
          44, // IncrementalAlterConfigs
          46, // ListPartitionReassignments
          47, // OffsetDelete
          60, // DescribeCluster
          61, // DescribeProducers
          65, // DescribeTransactions
          66, // ListTransactions
          68, // ConsumerGroupHeartbeat
          69, // ConsumerGroupDescribe
          74, // ListConfigResources
          75, // DescribeTopicPartitions
          76, // ShareGroupHeartbeat
          77, // ShareGroupDescribe
          78, // ShareFetch
          79, // ShareAcknowledge
          88, // StreamsGroupHeartbeat
          89, // StreamsGroupDescribe
          90, // DescribeShareGroupOffsets
          91, // AlterShareGroupOffsets
          92, // DeleteShareGroupOffsets
          93 -> // StreamsGroupTopologyDescriptionUpdate
          Treatment.TRANSLATED;
      case 34, // AlterReplicaLogDirs
          45, // AlterPartitionReassignments
          48, // DescribeClientQuotas
          49, // AlterClientQuotas
          50, // DescribeUserScramCredentials
          51, // AlterUserScramCredentials
          55, // DescribeQuorum
          57, // UpdateFeatures
          64, // UnregisterBroker
          80, // AddRaftVoter
          81 -> // RemoveRaftVoter
          Treatment.REFUSED;
      case 29, // DescribeAcls
          30, // CreateAcls
          31 -> // DeleteAcls
          Treatment.WITHOUT_ACLS;
      case 38, // CreateDelegationToken
          39, // RenewDelegationToken
          40, // ExpireDelegationToken
          41 -> // DescribeDelegationToken
          Treatment.WITHOUT_TOKENS;
      // Client telemetry goes to receivers of the cluster's operators; clients do without it.
      default -> Treatment.HIDDEN;
    };
  }

  /** Why a request of a tenant's client is not sent. */
  public enum Problem {
    /** It names a resource of the brokers, which others use too. */
    OF_BROKERS,
    /** It is about all topics of the cluster. */
    ALL_TOPICS,
    /** It has more names than a request can have at this gateway. */
    TOO_MANY_NAMES,
    /** It has a pattern of topic names that cannot be confined to the tenant's. */
    BAD_PATTERN
  }
}
