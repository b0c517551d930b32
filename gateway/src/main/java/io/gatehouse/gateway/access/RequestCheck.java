package io.gatehouse.gateway.access;

import io.gatehouse.gateway.access.DeniedElements.Failure;
import io.gatehouse.gateway.access.DeniedElements.Place;
import io.gatehouse.gateway.acl.Demand;
import io.gatehouse.gateway.acl.Demand.AnyResource;
import io.gatehouse.gateway.acl.Demand.Effect;
import io.gatehouse.gateway.acl.Demand.When;
import io.gatehouse.gateway.acl.Demand.WholeCluster;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a client must not do of one request, of which a walk has found that something is
 * missing, or may be. Resources are checked in the order of {@link
 * io.gatehouse.gateway.acl.AclTable}; those that are refused leave the request.
 */
final class RequestCheck {

  /** Types of resources that have configurations. */
  private static final int TOPIC = 2;

  private static final int GROUP = 32;

  private static final int METADATA = 3;
  private static final int DELETE_TOPICS = 20;

  /** The APIs whose responses also tell of what stands around the refused elements. */
  private static final Set<Integer> TELL_MORE =
      Set.of(
          METADATA, // the brokers
          47, // OffsetDelete: the group
          79, // ShareAcknowledge: the session
          91, // AlterShareGroupOffsets: the group
          92); // DeleteShareGroupOffsets: the group

  /** The first version of FindCoordinator for share groups (KIP-932). */
  private static final int SHARE_KEYS_FROM = 6;

  /** From this version on, brokers send AddPartitionsToTxn, and clients do not (KIP-890). */
  private static final int ADD_PARTITIONS_OF_BROKERS = 4;

  /** Maximum number of topics of one request that the cluster is asked for at once. */
  private static final int MAX_ASKED = 1_000;

  private static final UUID NO_ID = new UUID(0, 0);

  private final Rights rights;
  private final Struct request;
  private final int apiKey;
  private final int version;
  private final Denials denials;
  private final Map<Failure, DeniedElements> denied = new HashMap<>();
  private final List<UUID> unresolved = new ArrayList<>();

  /** Topics of which nobody knows here whether they exist. */
  private final List<String> unasked = new ArrayList<>();

  /** The number of topics whose existence matters. */
  private int existences;

  /** The error of the whole request; 0 if none. */
  private int refusal;

  private RequestCheck(Rights rights, RequestRights needed, Struct request, Denials denials) {
    this.rights = rights;
    this.request = request;
    this.apiKey = needed.layout().message().apiKey();
    this.version = needed.layout().version();
    this.denials = denials;
  }

  /**
   * Checks a request.
   *
   * @param request what is refused is removed from it
   * @param denials is told of each missing right
   */
  static Verdict of(Rights rights, RequestRights needed, Struct request, Denials denials) {
    return new RequestCheck(rights, needed, request, denials).check(needed);
  }

  private Verdict check(RequestRights needed) {
    for (Demand demand : needed.general()) {
      onGeneral(demand);
    }
    for (RequestRights.NamedDemand one : needed.named()) {
      if (refusal == 0 && applies(one.demand().when())) {
        onNamed(one.demand(), one.resources());
      }
    }
    if (refusal != 0) {
      return new Verdict.Refused(refusal);
    }
    if (!unresolved.isEmpty()) {
      return new Verdict.Later(rights.topics().resolve(unresolved));
    }
    if (!unasked.isEmpty()) {
      return new Verdict.Later(rights.topics().askFor(unasked));
    }
    if (denied.isEmpty()) {
      return Verdict.ALLOWED;
    }
    Map<Failure, Struct> parts = new HashMap<>();
    denied.forEach((key, elements) -> parts.put(key, elements.request(request)));
    return new Verdict.Partly(isAnyLeft(apiKey, version, request) ? request : null, parts);
  }

  // ---- conditions -------------------------------------------------------------------------------

  /** Whether a condition may hold for whole requests of a version. */
  static boolean mayApply(When when, int version) {
    return switch (when) {
      case VERSION_OF_BROKERS -> version >= ADD_PARTITIONS_OF_BROKERS;
      // Looked at in responses, or while records stream, or by those that answer the requests.
      case ALL_RESOURCES,
          TRANSACTIONAL_RECORDS,
          FROM_FOLLOWER,
          FROM_CONSUMER,
          TOKEN_FOR_OTHER_OWNER,
          TOKEN_OF_OTHER_OWNER,
          CLUSTER_OPERATIONS_WANTED ->
          false;
      default -> true;
    };
  }

  private boolean applies(When when) {
    return switch (when) {
      case GROUP_KEY -> keyType() == 0;
      case TRANSACTION_KEY -> keyType() == 1;
      case SHARE_KEY -> keyType() == 2 && version >= SHARE_KEYS_FROM;
      case TRANSACTIONAL_ID_GIVEN, NO_TRANSACTIONAL_ID ->
          request.isNull("TransactionalId") == (when == When.NO_TRANSACTIONAL_ID);
      case TWO_PHASE_COMMIT_ENABLED -> request.has("Enable2Pc") && request.getBoolean("Enable2Pc");
      case TOPIC_IS_CREATED ->
          apiKey != METADATA
              || !request.has("AllowAutoTopicCreation")
              || request.getBoolean("AllowAutoTopicCreation");
      default -> mayApply(when, version);
    };
  }

  private int keyType() {
    return request.has("KeyType") ? request.getInt("KeyType") : 0;
  }

  /** Whether a condition on an element holds. */
  private static boolean concerns(When when, Object element) {
    if (!(element instanceof Struct struct) || !struct.has("ResourceType")) {
      return true;
    }
    int type = struct.getInt("ResourceType");
    return switch (when) {
      case CONFIGS_OF_TOPIC -> type == TOPIC;
      case CONFIGS_OF_GROUP -> type == GROUP;
      case CONFIGS_OF_CLUSTER -> type != TOPIC && type != GROUP;
      default -> true;
    };
  }

  // ---- rights -----------------------------------------------------------------------------------

  private void onGeneral(Demand demand) {
    if (refusal != 0 || !applies(demand.when()) || rights.holds(demand, null)) {
      return;
    }
    boolean ofElements = demand.when() == When.CONFIGS_OF_CLUSTER;
    if (ofElements) {
      onNamed(demand, new NamedResources("Resources.ResourceName"));
    } else if (demand.subject() instanceof WholeCluster
        || demand.subject() instanceof AnyResource) {
      refuse(demand, null);
    }
  }

  private void onNamed(Demand demand, NamedResources resources) {
    resources.visit(
        request,
        new NamedResources.Visitor() {
          @Override
          public void onSingle(Struct struct, Object name) {
            if (demand.refusal().effect() == Effect.OMITTED) {
              onPattern(demand, name);
            } else if (!isHeld(demand, name)) {
              refuse(demand, name);
            }
          }

          @Override
          public boolean isRemoved(Place place, Object element, @Nullable Object name) {
            if (name == null
                || !concerns(demand.when(), element)
                || isHeld(demand, name)
                || (apiKey == METADATA
                    && demand.when() == When.TOPIC_IS_CREATED
                    && mayExist(name.toString()))) {
              return false;
            }
            Effect effect = demand.refusal().effect();
            if (effect != Effect.ELEMENT && effect != Effect.ELEMENT_AND_NOTHING_DONE) {
              refuse(demand, name);
              return false;
            }
            int errorCode = errorCode(demand, name);
            deny(errorCode, place, element);
            if (errorCode != ErrorCode.UNKNOWN_TOPIC_ID.number()) {
              denials.onMissing(demand.right(), textOf(name));
            }
            return true;
          }
        });
    if (demand.refusal().effect() == Effect.ELEMENT_AND_NOTHING_DONE && !denied.isEmpty()) {
      leaveOthers(resources);
    }
  }

  /**
   * Brokers find out which topics match, and do not know the client. So it may only use patterns if
   * it may see all topics.
   */
  private void onPattern(Demand demand, Object pattern) {
    boolean none = pattern.toString().isEmpty();
    if (!none && !rights.caller().authorizesAll(demand.right().operation(), ResourceType.TOPIC)) {
      refusal = ResourceType.TOPIC.errorCode();
      denials.onMissing(demand.right(), pattern.toString());
    }
  }

  /** Nothing of the request is performed because of what is refused. */
  private void leaveOthers(NamedResources resources) {
    resources.visit(
        request,
        new NamedResources.Visitor() {
          @Override
          public void onSingle(Struct struct, Object name) {}

          @Override
          public boolean isRemoved(Place place, Object element, @Nullable Object name) {
            deny(ErrorCode.OPERATION_NOT_ATTEMPTED.number(), place, element);
            return true;
          }
        });
  }

  /** Whether a topic exists, or the cluster is asked for it first. */
  private boolean mayExist(String name) {
    if (++existences > MAX_ASKED) {
      return false; // nobody asks for so many topics at once
    }
    Boolean exists = rights.topics().exists(name);
    if (exists == null) {
      unasked.add(name);
    }
    return exists == null || exists;
  }

  /** Kafka tells of a missing topic instead of a missing right if the client may know of it. */
  private boolean isKnownMissing(Demand demand, Object name) {
    if (demand.when() == When.TOPIC_IS_CREATED) {
      return true;
    }
    return apiKey == DELETE_TOPICS
        && name instanceof String topic
        && rights.caller().authorize(Operation.DESCRIBE, ResourceType.TOPIC, topic).allowed()
        && !mayExist(topic);
  }

  private int errorCode(Demand demand, Object name) {
    if (name instanceof UUID id && rights.topics().name(id) == null) {
      return ErrorCode.UNKNOWN_TOPIC_ID.number();
    }
    return isKnownMissing(demand, name)
        ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.number()
        : demand.refusal().errorCode();
  }

  private void deny(int errorCode, Place place, Object element) {
    denied
        .computeIfAbsent(new Failure(errorCode, place.structs().size()), _ -> new DeniedElements())
        .add(place, element);
  }

  private void refuse(Demand demand, @Nullable Object name) {
    if (refusal == 0) {
      int code = demand.refusal().errorCode();
      refusal = code == 0 ? demand.right().type().errorCode() : code;
      denials.onMissing(demand.right(), name == null ? null : textOf(name));
    }
  }

  private String textOf(Object name) {
    if (!(name instanceof UUID id)) {
      return name.toString();
    }
    String topic = rights.topics().name(id);
    return topic == null ? id.toString() : topic;
  }

  private boolean isHeld(Demand demand, Object name) {
    if (!(name instanceof UUID id)) {
      return rights.holds(demand, name.toString());
    }
    if (id.equals(NO_ID)) {
      return true;
    }
    String topic = rights.topics().name(id);
    if (topic == null && unresolved.size() < MAX_ASKED && rights.topics().isUnresolved(id)) {
      unresolved.add(id);
      return true;
    }
    // A topic that this node does not know must not reach a broker that does.
    return rights.holds(demand, topic);
  }

  // ---- the rest ---------------------------------------------------------------------------------

  /** Whether anything is left to ask the broker. */
  static boolean isAnyLeft(int apiKey, int version, Struct request) {
    if (apiKey == METADATA && version == 0 && request.getArray("Topics").isEmpty()) {
      // An empty array stands for all topics, so one is asked for that cannot exist.
      request.addStruct("Topics");
    }
    return TELL_MORE.contains(apiKey)
        || request.layout().fields().stream()
            .anyMatch(field -> request.get(field.name()) instanceof List<?> all && !all.isEmpty());
  }
}
