package io.gatehouse.wire.schema;

import java.util.List;

/**
 * Meanings that the JSON definitions do not state and that follow from the name of a field or
 * message. All others come from {@code entityType}.
 */
final class Overlay {

  private Overlay() {}

  static FieldKind kind(String message, Field field, List<Field> siblings) {
    FieldKind byEntity = byEntity(field.meaning().entity());
    if (byEntity == FieldKind.BROKER_ID && (has(siblings, "Host") || has(siblings, "Listeners"))) {
      return FieldKind.NODE_ID;
    }
    if (byEntity != FieldKind.NONE) {
      return byEntity;
    }
    return switch (field.type()) {
      case RECORDS -> FieldKind.RECORDS;
      case STRING -> ofString(message, field, siblings);
      case INT32, UINT16 -> ofInt32(message, field, siblings);
      case INT16 -> ofInt16(message, field, siblings);
      case INT8 -> ofInt8(message, field);
      case UUID -> field.name().equals("TopicId") ? FieldKind.TOPIC_ID : FieldKind.NONE;
      case BYTES -> ofBytes(message, field);
      default -> FieldKind.NONE;
    };
  }

  private static FieldKind byEntity(String entity) {
    return switch (entity) {
      case "topicName" -> FieldKind.TOPIC_NAME;
      case "groupId" -> FieldKind.GROUP_ID;
      case "transactionalId" -> FieldKind.TRANSACTIONAL_ID;
      case "producerId" -> FieldKind.PRODUCER_ID;
      case "brokerId" -> FieldKind.BROKER_ID;
      default -> FieldKind.NONE;
    };
  }

  private static FieldKind ofString(String message, Field field, List<Field> siblings) {
    return switch (field.name()) {
      case "Host" -> ofHost(message, siblings);
      case "HostFilter" -> FieldKind.ACL_HOST;
      case "ClientHost" -> FieldKind.CLIENT_HOST;
      case "GroupId" -> FieldKind.GROUP_ID;
      case "TransactionalIdPattern" -> FieldKind.TRANSACTIONAL_ID_PATTERN;
      case "Principal", "PrincipalFilter" -> FieldKind.PRINCIPAL;
      case "PrincipalName", "OwnerPrincipalName", "TokenRequesterPrincipalName", "User" ->
          FieldKind.PRINCIPAL_NAME;
      case "TokenId" -> FieldKind.TOKEN_ID;
      case "EntityType" -> FieldKind.QUOTA_ENTITY_TYPE;
      case "EntityName", "Match" -> FieldKind.QUOTA_ENTITY_NAME;
      case "LogDir", "Path" -> FieldKind.LOG_DIR;
      case "ResourceName", "ResourceNameFilter" -> FieldKind.RESOURCE_NAME;
      case "ClusterId" -> FieldKind.CLUSTER_ID;
      case "SubscribedTopicRegex", "SourceTopicRegex" -> FieldKind.TOPIC_PATTERN;
      case "ProtocolType" -> FieldKind.GROUP_PROTOCOL_TYPE;
      case "Key" ->
          message.startsWith("FindCoordinator") ? FieldKind.COORDINATOR_KEY : FieldKind.NONE;
      case "CoordinatorKeys" -> FieldKind.COORDINATOR_KEY;
      case "Name" -> ofName(message, siblings);
      case "Value" -> hasConfigs(message) ? FieldKind.CONFIG_VALUE : FieldKind.NONE;
      case "Topics" ->
          message.equals("ConsumerProtocolSubscription") ? FieldKind.TOPIC_NAME : FieldKind.NONE;
      case "StatusDetail" -> FieldKind.ERROR_MESSAGE;
      default -> field.name().endsWith("ErrorMessage") ? FieldKind.ERROR_MESSAGE : FieldKind.NONE;
    };
  }

  private static FieldKind ofHost(String message, List<Field> siblings) {
    if (has(siblings, "Port")) {
      return host(message);
    }
    return has(siblings, "Principal") ? FieldKind.ACL_HOST : FieldKind.NONE;
  }

  private static FieldKind ofName(String message, List<Field> siblings) {
    if (hasConfigs(message)) {
      return FieldKind.CONFIG_NAME;
    }
    if (message.endsWith("UserScramCredentialsRequest")) {
      return FieldKind.PRINCIPAL_NAME;
    }
    return has(siblings, "Host") && has(siblings, "Port")
        ? FieldKind.LISTENER_NAME
        : FieldKind.NONE;
  }

  /** Messages in which names and values are those of configurations. */
  private static boolean hasConfigs(String message) {
    return switch (message) {
      case "AlterConfigsRequest",
          "CreateTopicsRequest",
          "CreateTopicsResponse",
          "DescribeConfigsResponse",
          "IncrementalAlterConfigsRequest" ->
          true;
      default -> false;
    };
  }

  private static FieldKind ofInt32(String message, Field field, List<Field> siblings) {
    if (field.name().endsWith("AuthorizedOperations")) {
      return field.type() == FieldType.INT32 ? FieldKind.AUTHORIZED_OPERATIONS : FieldKind.NONE;
    }
    if (message.endsWith("FetchRequest") && field.name().endsWith("SessionEpoch")) {
      return FieldKind.SESSION_EPOCH;
    }
    if (message.equals("FetchRequest") && field.name().equals("MaxBytes")) {
      return FieldKind.FETCHED_BYTES;
    }
    return isLeaderEpoch(message, field)
        ? FieldKind.LEADER_EPOCH
        : ofPort(message, field, siblings);
  }

  private static boolean isLeaderEpoch(String message, Field field) {
    return field.name().equals("LeaderEpoch")
        && switch (message) {
          case "MetadataResponse",
              "DescribeTopicPartitionsResponse",
              "ProduceResponse",
              "FetchResponse",
              "ShareFetchResponse",
              "ShareAcknowledgeResponse" ->
              true;
          default -> false;
        };
  }

  private static FieldKind ofPort(String message, Field field, List<Field> siblings) {
    if (!field.name().equals("Port") || !has(siblings, "Host")) {
      return FieldKind.NONE;
    }
    return switch (host(message)) {
      case APPLICATION_HOST -> FieldKind.APPLICATION_PORT;
      case CONTROLLER_HOST -> FieldKind.CONTROLLER_PORT;
      default -> FieldKind.PORT;
    };
  }

  /** The kind of host that a message contains. */
  private static FieldKind host(String message) {
    return switch (message) {
      case "StreamsGroupHeartbeatRequest",
          "StreamsGroupHeartbeatResponse",
          "StreamsGroupDescribeResponse" ->
          FieldKind.APPLICATION_HOST;
      case "DescribeQuorumResponse",
          "VoteResponse",
          "BeginQuorumEpochResponse",
          "EndQuorumEpochResponse",
          "FetchSnapshotResponse",
          "UpdateRaftVoterResponse" ->
          FieldKind.CONTROLLER_HOST;
      default -> FieldKind.HOST;
    };
  }

  private static FieldKind ofInt16(String message, Field field, List<Field> siblings) {
    if (field.name().endsWith("ErrorCode")) {
      return FieldKind.ERROR_CODE;
    }
    if (message.equals("ApiVersionsResponse") && has(siblings, "ApiKey")) {
      return switch (field.name()) {
        case "ApiKey" -> FieldKind.API_KEY;
        case "MinVersion" -> FieldKind.LOWEST_VERSION;
        default -> FieldKind.HIGHEST_VERSION;
      };
    }
    return field.name().equals("Acks") && message.equals("ProduceRequest")
        ? FieldKind.ACKS
        : FieldKind.NONE;
  }

  private static FieldKind ofInt8(String message, Field field) {
    return switch (field.name()) {
      case "ResourceType", "ResourceTypeFilter" -> FieldKind.RESOURCE_TYPE;
      case "KeyType" ->
          message.startsWith("FindCoordinator") ? FieldKind.COORDINATOR_KEY_TYPE : FieldKind.NONE;
      default -> FieldKind.NONE;
    };
  }

  private static FieldKind ofBytes(String message, Field field) {
    return switch (field.name()) {
      case "Metadata" ->
          message.startsWith("JoinGroup") ? FieldKind.GROUP_METADATA : FieldKind.NONE;
      case "MemberMetadata" -> FieldKind.GROUP_METADATA;
      case "Assignment", "MemberAssignment" -> FieldKind.GROUP_ASSIGNMENT;
      case "RequestData", "RequestPrincipal", "ClientHostAddress", "ResponseData" ->
          FieldKind.ENVELOPE;
      case "AuthBytes", "Hmac", "Salt", "SaltedPassword" -> FieldKind.SECRET;
      default -> FieldKind.NONE;
    };
  }

  private static boolean has(List<Field> fields, String name) {
    return fields.stream().anyMatch(f -> f.name().equals(name));
  }
}
