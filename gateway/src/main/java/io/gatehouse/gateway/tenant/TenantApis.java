package io.gatehouse.gateway.tenant;

import io.gatehouse.wire.ErrorCode;

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

  /** The names in a request that a tenant's clients must not make, and the error for it. */
  public enum Problem {
    /** Of the cluster's brokers, which others use too. */
    OF_BROKERS(ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
    /** All topics of the cluster where only some can be meant. */
    ALL_TOPICS(ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
    /** A pattern of topic names that cannot be confined to the tenant's. */
    BAD_PATTERN(ErrorCode.INVALID_REGULAR_EXPRESSION),
    /** A topic id that is not one of the tenant's, in a request that can name no other error. */
    FOREIGN_TOPIC_ID(ErrorCode.UNKNOWN_TOPIC_ID),
    /** The same in a fetch; clients ask for metadata and begin a new session (KIP-516). */
    FOREIGN_FETCHED_ID(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);

    private final ErrorCode code;

    Problem(ErrorCode code) {
      this.code = code;
    }

    public ErrorCode code() {
      return code;
    }
  }
}
