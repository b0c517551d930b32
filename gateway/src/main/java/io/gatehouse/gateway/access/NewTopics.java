package io.gatehouse.gateway.access;

import io.gatehouse.gateway.access.DeniedElements.Failure;
import io.gatehouse.gateway.access.DeniedElements.Place;
import io.gatehouse.gateway.cluster.CreatedTopics;
import io.gatehouse.gateway.cluster.CreatedTopics.NewTopic;
import io.gatehouse.gateway.cluster.OwnedTopics;
import io.gatehouse.gateway.cluster.OwnedTopics.Room;
import io.gatehouse.gateway.metrics.TenantMetrics.Limit;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.TopicRules;
import io.gatehouse.gateway.tenant.TopicRules.Limits;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applies the rules of a virtual cluster for new topics to one request. What exceeds a limit leaves
 * the request; what the client left open is filled in.
 */
final class NewTopics {

  static final int METADATA = 3;
  static final int CREATE_TOPICS = 19;
  static final int CREATE_PARTITIONS = 37;

  /** Maximum number of topics of one request that are created because a client asks for them. */
  private static final int MAX_ASKED = 1_000;

  private static final String TOPICS = "Topics";

  private final Tenant tenant;
  private final TopicRules rules;
  private final VisibleTopics topics;
  private final Struct request;
  private final int apiKey;
  private final int version;
  private final Map<Failure, DeniedElements> denied = new HashMap<>();
  private final List<String> unasked = new ArrayList<>();
  private final List<NewTopic> created = new ArrayList<>();

  /** Names at the brokers for which room was granted. */
  private final Set<String> granted = new HashSet<>();

  private boolean uncounted;
  private boolean changed;

  private NewTopics(VisibleTopics topics, Layout layout, Struct request) {
    this.tenant = Objects.requireNonNull(topics.tenant());
    this.rules = tenant.newTopics();
    this.topics = topics;
    this.request = request;
    this.apiKey = layout.message().apiKey();
    this.version = layout.version();
  }

  /** Whether requests of this API are looked at. */
  static boolean concerns(@Nullable Tenant tenant, int apiKey) {
    return tenant != null
        && switch (apiKey) {
          case METADATA -> tenant.newTopics().concernsAutoCreation();
          case CREATE_TOPICS -> tenant.newTopics().concernsCreation();
          case CREATE_PARTITIONS -> tenant.newTopics().concernsPartitions();
          default -> false;
        };
  }

  /**
   * Checks a request.
   *
   * @param request is changed
   * @param before what was decided about it; not {@link Verdict.Refused} or {@link Verdict.Later}
   */
  static Verdict check(VisibleTopics topics, Layout layout, Struct request, Verdict before) {
    NewTopics check = new NewTopics(topics, layout, request);
    switch (check.apiKey) {
      case METADATA -> check.onMetadata();
      case CREATE_TOPICS -> check.onCreation();
      default -> check.onPartitions();
    }
    return check.verdict(before);
  }

  private Verdict verdict(Verdict before) {
    Future<Void> needed = needed();
    if (needed != null) {
      return new Verdict.Later(needed);
    }
    if (denied.isEmpty() && !changed && granted.isEmpty()) {
      return before;
    }
    Map<Failure, Struct> parts = new HashMap<>();
    if (before instanceof Verdict.Partly(var _, var already, var _)) {
      parts.putAll(already);
    }
    denied.forEach((failure, elements) -> parts.put(failure, elements.request(request)));
    Struct rest = RequestCheck.isAnyLeft(apiKey, version, request) ? request : null;
    return parts.isEmpty() && granted.isEmpty()
        ? new Verdict.Changed(request)
        : new Verdict.Partly(rest, parts, granted);
  }

  /** What must be done before the request can be decided about; null for nothing. */
  private @Nullable Future<Void> needed() {
    OwnedTopics owned = topics.ids().owned();
    if (!unasked.isEmpty() || uncounted) {
      releaseAll(); // all are asked for again afterwards
      return uncounted ? owned.ask(tenant.prefix()) : topics.askFor(unasked);
    }
    if (created.isEmpty()) {
      return null;
    }
    CreatedTopics creation = topics.ids().created();
    return creation
        .create(created)
        .addListener(_ ->
            created.forEach(topic -> {
              CreatedTopics.Failure failure = creation.failure(topic.name());
              owned.answered(
                  tenant.prefix(), topic.name(), failure == null ? 0 : failure.errorCode());
            }));
  }

  // ---- requests ---------------------------------------------------------------------------------

  private void onMetadata() {
    boolean always = !request.has("AllowAutoTopicCreation");
    if (request.isNull(TOPICS) || !(always || request.getBoolean("AllowAutoTopicCreation"))) {
      return;
    }
    if (!always) {
      request.set("AllowAutoTopicCreation", false);
      changed = true;
    }
    if (!always && !rules.autoCreate()) {
      return;
    }
    Place place = Place.in(request, TOPICS);
    int[] asked = {0};
    request
        .getStructs(TOPICS)
        .removeIf(topic ->
            topic.get("Name") instanceof String name
                && (++asked[0] > MAX_ASKED
                    ? always && isDenied(place, topic)
                    : isMissing(name) && !isCreated(name, place, topic)));
  }

  /** Tells of a topic that it does not exist: so many are not looked for. */
  private boolean isDenied(Place place, Struct topic) {
    deny(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.number(), null, place, topic);
    return true;
  }

  private boolean isMissing(String name) {
    Boolean exists = topics.exists(name);
    if (exists == null) {
      unasked.add(name);
    }
    return Boolean.FALSE.equals(exists);
  }

  /** Whether a topic that is missing is about to be created; otherwise its error is noted. */
  private boolean isCreated(String name, Place place, Struct topic) {
    String atBrokers = tenant.toBroker(name);
    CreatedTopics.Failure failure = topics.ids().created().failure(atBrokers);
    if (failure != null) {
      deny(failure.errorCode(), null, place, topic);
      return false;
    }
    if (!rules.autoCreate()) {
      return !isDenied(place, topic);
    }
    int partitions = rules.partitions();
    if (!isGranted(name, partitions, false, place, topic)) {
      return false;
    }
    TopicRules.Defaults defaults = rules.defaults();
    created.add(
        new NewTopic(atBrokers, partitions, defaults.replicationFactor(), defaults.configs()));
    return true;
  }

  private void onCreation() {
    Place place = Place.in(request, TOPICS);
    request
        .getStructs(TOPICS)
        .removeIf(topic -> {
          boolean assigned = !topic.getArray("Assignments").isEmpty();
          if (!assigned) {
            fill(topic, "NumPartitions", rules.partitions());
            fill(topic, "ReplicationFactor", rules.defaults().replicationFactor());
          }
          fillConfigs(topic);
          int partitions =
              assigned ? topic.getArray("Assignments").size() : topic.getInt("NumPartitions");
          return !isGranted(topic.getString("Name"), partitions, false, place, topic);
        });
    if (request.has("validateOnly") && request.getBoolean("validateOnly")) {
      releaseAll();
    }
  }

  private void fill(Struct topic, String field, int value) {
    if (topic.getInt(field) == TopicRules.UNSET && value != TopicRules.UNSET) {
      topic.set(field, value);
      changed = true;
    }
  }

  private void fillConfigs(Struct topic) {
    Set<String> given = new HashSet<>();
    topic.getStructs("Configs").forEach(config -> given.add(config.getString("Name")));
    rules
        .defaults()
        .configs()
        .forEach((name, value) -> {
          if (!given.contains(name)) {
            topic.addStruct("Configs").set("Name", name).set("Value", value);
            changed = true;
          }
        });
  }

  private void onPartitions() {
    Place place = Place.in(request, TOPICS);
    request
        .getStructs(TOPICS)
        .removeIf(topic ->
            !isGranted(topic.getString("Name"), topic.getInt("Count"), true, place, topic));
    if (request.getBoolean("ValidateOnly")) {
      releaseAll();
    }
  }

  private void releaseAll() {
    granted.forEach(topic -> topics.ids().owned().release(tenant.prefix(), topic));
    granted.clear();
  }

  // ---- limits -----------------------------------------------------------------------------------

  private boolean isGranted(
      String name, int partitions, boolean grows, Place place, Struct element) {
    Limits limits = rules.limits();
    if (partitions > limits.partitionsPerTopic()) {
      deny(
          Limit.PARTITIONS_PER_TOPIC,
          "each of its topics can have at most %d partitions, and %d are asked for"
              .formatted(limits.partitionsPerTopic(), partitions),
          place,
          element);
      return false;
    }
    String atBrokers = tenant.toBroker(name);
    if (!limits.ofAll() || !atBrokers.startsWith(tenant.prefix())) {
      return true; // the topic of an alias is none of its own
    }
    var most = new OwnedTopics.Most(limits.topics(), limits.partitions());
    switch (topics.ids().owned().grant(tenant.prefix(), most, atBrokers, partitions, grows)) {
      case Room.Granted(boolean now) -> {
        if (now) {
          granted.add(atBrokers);
        }
        return true;
      }
      case Room.Unknown _ -> {
        uncounted = true;
        return true;
      }
      case Room.Unanswered _ -> {
        ErrorCode code =
            apiKey == METADATA ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.REQUEST_TIMED_OUT;
        deny(code.number(), "the cluster does not tell how many topics it has", place, element);
      }
      case Room.Exceeded(boolean ofTopics, int present) -> {
        if (ofTopics) {
          deny(
              Limit.TOPICS,
              "it has %d topics, and can have at most %d".formatted(present, limits.topics()),
              place,
              element);
        } else {
          deny(
              Limit.PARTITIONS,
              "it has %d partitions, and can have at most %d; a topic of %d is asked for"
                  .formatted(present, limits.partitions(), partitions),
              place,
              element);
        }
      }
    }
    return false;
  }

  private void deny(Limit limit, String what, Place place, Struct element) {
    String text =
        "limits.%s of the virtual cluster %s: %s. Delete topics that nobody needs, or ask the"
                .formatted(limit, tenant.name(), what)
            + " operators of the gateway to raise the limit";
    deny(ErrorCode.POLICY_VIOLATION.number(), text, place, element);
    LimitRefusals.refused(tenant.name(), limit, element.getString("Name"), what);
  }

  private void deny(int errorCode, @Nullable String text, Place place, Struct element) {
    denied
        .computeIfAbsent(
            new Failure(errorCode, place.structs().size(), text), _ -> new DeniedElements())
        .add(place, element);
  }

  /**
   * Notes what a response tells of the topics for which room was granted.
   *
   * @param granted their names at the brokers
   */
  static void answered(VisibleTopics topics, Set<String> granted, Struct response) {
    Tenant tenant = Objects.requireNonNull(topics.tenant());
    OwnedTopics owned = topics.ids().owned();
    String field = response.has(TOPICS) ? TOPICS : "Results";
    for (Struct topic : response.getStructs(field)) {
      String name = tenant.toBroker(topic.getString("Name"));
      if (granted.contains(name)) {
        owned.answered(tenant.prefix(), name, topic.getInt("ErrorCode"));
      }
    }
  }
}
