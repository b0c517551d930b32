package io.gatehouse.gateway.tenant;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Outline;
import io.gatehouse.wire.walk.Program;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The walks that find names in requests and responses, shared by all tenants. */
final class NamePrograms {

  static final int FETCH = 1;

  /** The first version in which topics have ids instead of names (KIP-516). */
  private static final int FETCH_BY_ID = 13;

  static final int LIST_OFFSETS = 2;
  static final int METADATA = 3;
  static final int CREATE_TOPICS = 19;
  static final int OFFSET_FOR_LEADER_EPOCH = 23;
  private static final int DESCRIBE_CONFIGS = 32;
  private static final int ALTER_CONFIGS = 33;
  static final int ELECT_LEADERS = 43;
  private static final int INCREMENTAL_ALTER_CONFIGS = 44;
  static final int DESCRIBE_TOPIC_PARTITIONS = 75;

  /** What topics, groups and transactions are called. */
  static final Set<FieldKind> NAMES =
      EnumSet.of(
          FieldKind.TOPIC_NAME,
          FieldKind.GROUP_ID,
          FieldKind.TRANSACTIONAL_ID,
          FieldKind.COORDINATOR_KEY,
          FieldKind.RESOURCE_NAME);

  private static final Set<FieldKind> OTHERS =
      EnumSet.of(
          FieldKind.RESOURCE_TYPE,
          FieldKind.TOPIC_ID,
          FieldKind.CLUSTER_ID,
          FieldKind.TOPIC_PATTERN,
          FieldKind.TRANSACTIONAL_ID_PATTERN,
          FieldKind.GROUP_PROTOCOL_TYPE,
          FieldKind.GROUP_METADATA,
          FieldKind.GROUP_ASSIGNMENT);

  private static final Set<FieldKind> CONFIGS =
      EnumSet.of(FieldKind.CONFIG_NAME, FieldKind.CONFIG_VALUE);

  private static final Map<Integer, Program> REQUESTS = new ConcurrentHashMap<>();
  private static final Map<Integer, Program> RESPONSES = new ConcurrentHashMap<>();

  private NamePrograms() {}

  /** Null if requests of this version contain no names. */
  static @Nullable Program request(int apiKey, int version) {
    MessageSchema schema = Schemas.get().request(apiKey);
    if (schema == null) {
      return null;
    }
    Set<FieldKind> kinds = EnumSet.copyOf(NAMES);
    kinds.addAll(OTHERS);
    if (apiKey == FETCH || apiKey == LIST_OFFSETS || apiKey == OFFSET_FOR_LEADER_EPOCH) {
      kinds.add(FieldKind.BROKER_ID);
    }
    if (apiKey == FETCH && version < FETCH_BY_ID) {
      kinds.add(FieldKind.FETCHED_BYTES);
    }
    if (hasConfigs(apiKey)) {
      kinds.addAll(CONFIGS);
    }
    return interesting(
        REQUESTS.computeIfAbsent(
            apiKey << 16 | version,
            _ -> Program.ofRequest(schema.layout(version), kinds, required(apiKey))));
  }

  /** Whether an API is about configurations of resources, of which one names a topic. */
  private static boolean hasConfigs(int apiKey) {
    return apiKey == DESCRIBE_CONFIGS
        || apiKey == ALTER_CONFIGS
        || apiKey == INCREMENTAL_ALTER_CONFIGS;
  }

  /** Arrays that must not be null or empty, because that stands for all topics. */
  private static Outline required(int apiKey) {
    return switch (apiKey) {
      case ELECT_LEADERS -> Outline.of("TopicPartitions");
      case DESCRIBE_TOPIC_PARTITIONS -> Outline.of("Topics");
      default -> Outline.NONE;
    };
  }

  /** Null if responses of this version contain no names. */
  static @Nullable Program response(int apiKey, int version) {
    MessageSchema schema = Schemas.get().response(apiKey);
    if (schema == null) {
      return null;
    }
    Set<FieldKind> kinds = EnumSet.copyOf(NAMES);
    kinds.addAll(OTHERS);
    kinds.add(FieldKind.ERROR_MESSAGE);
    if (hasConfigs(apiKey)) {
      kinds.addAll(CONFIGS);
    }
    return interesting(
        RESPONSES.computeIfAbsent(
            apiKey << 16 | version,
            _ ->
                Program.ofResponse(
                    schema.layout(version), kinds, (path, field) -> isNamed(field))));
  }

  private static @Nullable Program interesting(Program program) {
    return program.isInteresting() ? program : null;
  }

  /** Whether each element of an array has a name of its own, or is one. */
  private static boolean isNamed(FieldLayout field) {
    if (!field.array()) {
      return false;
    }
    if (field.type() != FieldType.STRUCT) {
      return NAMES.contains(field.kind());
    }
    Layout.StructLayout element = field.structOrThrow();
    return element.fields().stream().anyMatch(one -> !one.array() && NAMES.contains(one.kind()));
  }
}
