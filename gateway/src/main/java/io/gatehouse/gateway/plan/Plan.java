package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.access.RequestAuthorizer;
import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Program;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The table of what the gateway does with each API and version, for connections of the same {@link
 * Scope}. Thread-safe.
 */
public final class Plan {

  public static final int PRODUCE = 0;
  public static final int SASL_HANDSHAKE = 17;
  public static final int API_VERSIONS = 18;
  public static final int SASL_AUTHENTICATE = 36;
  static final int FETCH = 1;
  private static final int DESCRIBE_CONFIGS = 32;

  /** The walks over responses, shared by all plans; by API and version. */
  private static final Map<Integer, Program> PROGRAMS = new ConcurrentHashMap<>();

  /** Those that also find topic ids. */
  private static final Map<Integer, Program> TENANT_PROGRAMS = new ConcurrentHashMap<>();

  /** The fields that walks over responses look for. */
  private static final Set<FieldKind> RESPONSE_FIELDS =
      EnumSet.of(
          FieldKind.NODE_ID,
          FieldKind.HOST,
          FieldKind.PORT,
          FieldKind.CONTROLLER_HOST,
          FieldKind.CONTROLLER_PORT,
          FieldKind.APPLICATION_HOST,
          FieldKind.APPLICATION_PORT,
          FieldKind.ERROR_MESSAGE,
          FieldKind.ERROR_CODE);

  private static final Set<FieldKind> CONFIG_FIELDS =
      EnumSet.of(
          FieldKind.RESOURCE_TYPE,
          FieldKind.RESOURCE_NAME,
          FieldKind.CONFIG_NAME,
          FieldKind.CONFIG_VALUE,
          FieldKind.ERROR_MESSAGE,
          FieldKind.ERROR_CODE);

  private static final Set<FieldKind> TENANT_FETCH_FIELDS = EnumSet.copyOf(RESPONSE_FIELDS);

  static {
    TENANT_FETCH_FIELDS.add(FieldKind.TOPIC_ID);
  }

  private static final Set<FieldKind> ACKS = EnumSet.of(FieldKind.ACKS);
  private static final Set<FieldKind> ACKS_AND_RECORDS =
      EnumSet.of(FieldKind.ACKS, FieldKind.RECORDS);

  /**
   * Maximum bytes of a response that is held for the leader hints in its tail (KIP-951). A longer
   * one is streamed and the hints are overwritten.
   */
  private static final int MAX_HELD_FOR_HINTS = 64 << 10;

  /** The same for error messages. */
  private static final int MAX_HELD_FOR_MESSAGES = 1 << 20;

  /** The same for DescribeConfigs, where any configuration may belong to a broker. */
  private static final int MAX_HELD_FOR_CONFIGS = 16 << 20;

  private static final RequestRule DISCONNECT = new RequestRule.Disconnect();
  private static final RequestRule FORBIDDEN = new RequestRule.Refuse(ErrorRefusal.FORBIDDEN);
  private static final RequestRule NO_SASL = new RequestRule.Refuse(ErrorRefusal.NO_SASL);
  private static final RequestRule AUTHENTICATE = new RequestRule.Authenticate();
  private static final RequestRule UNAUTHENTICATED = new RequestRule.Unauthenticated();
  private static final RequestRule INSPECT = new RequestRule.Inspect();
  private static final ResponseRule RELAY_RESPONSE = new ResponseRule.Relay();

  private static final Place ALIAS_TAKEN =
      new Place.Nowhere("an alias of the virtual cluster was changed; clients connect again");

  /** How the gateway treats a client's SASL requests. */
  public enum Sasl {
    /** The gateway authenticates the client, which has not authenticated yet. */
    BEFORE_LOGIN,
    /** The gateway has authenticated the client, which may re-authenticate (KIP-368). */
    TERMINATED,
    /** Forwarded: the broker authenticates the client. */
    PASSED,
    /**
     * Refused: the gateway logs in at the broker, and the client's SASL would change that login.
     */
    REFUSED
  }

  /**
   * What connections that share a plan have in common.
   *
   * @param brokerNamed whether the client has said which broker it wants, by port or server name
   * @param producerIds those of a client that may be switched to a failover cluster, else null
   */
  public record Scope(
      Sasl sasl, boolean brokerNamed, @Nullable ProducerIds producerIds, Sight sight) {

    /** Of clients that see the cluster as it is. */
    public Scope(Sasl sasl, boolean brokerNamed, @Nullable ProducerIds producerIds) {
      this(sasl, brokerNamed, producerIds, Sight.ALL);
    }

    /** Whether the client may be switched to a failover cluster. */
    boolean switchable() {
      return producerIds != null;
    }

    /** Ids to replace; null before the first switch. */
    @Nullable ProducerIds replacedIds() {
      return producerIds == null || producerIds.switches() == 0 ? null : producerIds;
    }
  }

  /**
   * What clients see of the cluster.
   *
   * @param place whether it is a virtual cluster
   * @param names those of the virtual cluster; null in passthrough
   * @param restricted the topics, if access rules restrict what clients may do; else null
   */
  public record Sight(Place place, @Nullable Names names, @Nullable VisibleTopics restricted) {

    /** The cluster as it is. */
    public static final Sight ALL = new Sight(Place.PASSTHROUGH, null, null);

    /** The topics, if requests of this API are checked; else null. */
    @Nullable VisibleTopics checked(int apiKey) {
      if (restricted == null
          && names != null
          && RequestAuthorizer.concernsNewTopics(names.tenant(), apiKey)) {
        return new VisibleTopics(names.topics(), names.tenant());
      }
      return restricted;
    }
  }

  private final ApiRules rules;
  private final Scope scope;
  private final Sight sight;
  private final Steps steps;
  private final Schemas schemas = Schemas.get();
  private final OwnApiVersions ownApiVersions = new OwnApiVersions(this);
  private final ResponseRule newerApiVersions =
      new ResponseRule.Versions(ApiVersionsEdit.ofNewer(this));
  private final int maxFrameBytes;
  private final AtomicReferenceArray<Route> routes = new AtomicReferenceArray<>(ApiIndex.SIZE);

  Plan(ApiRules rules, int maxFrameBytes, Scope scope, Steps steps) {
    this.rules = rules;
    this.maxFrameBytes = maxFrameBytes;
    this.steps = steps;
    this.scope = scope;
    this.sight = scope.sight;
  }

  /** Maximum size of a request in bytes, without the four bytes of its length. */
  public int maxFrameBytes() {
    return maxFrameBytes;
  }

  /**
   * The scope of a connection of this plan from now on. If topics were taken from it that it may
   * have a session of fetches for, or be assigned to, it ends.
   */
  public Scope followedBy(Scope next) {
    return sight.place instanceof Place.Within(Tenant tenant)
            && next.sight.place instanceof Place.Within(Tenant changed)
            && !changed.aliases().include(tenant.aliases())
        ? new Scope(
            next.sasl, next.brokerNamed, next.producerIds, new Sight(ALIAS_TAKEN, null, null))
        : next;
  }

  /** The rules for requests of this API and version and for their responses. */
  public Route route(int apiKey, int version) {
    int index = ApiIndex.of(apiKey, version);
    if (index < 0) {
      return newRoute(apiKey, version);
    }
    Route route = routes.getAcquire(index);
    if (route == null) {
      route = newRoute(apiKey, version);
      routes.setRelease(index, route);
    }
    return route;
  }

  private Route newRoute(int apiKey, int version) {
    return new Route(
        apiKey, version, requestRule(apiKey, version), responseRule(apiKey, version, null));
  }

  /**
   * The highest version of an API that may be forwarded. A newer one may have addresses in fields
   * that the definitions do not contain. For unknown APIs: -1 (none), or no limit if the rules
   * relay them.
   */
  int highestVersion(int apiKey) {
    if (apiKey < 0) {
      return -1;
    }
    MessageSchema response = schemas.response(apiKey);
    int highest =
        response == null || response.valid().isEmpty()
            ? mayRelayUnknown() ? Short.MAX_VALUE : -1
            : response.valid().highest();
    if (sight.names != null && !TenantRules.offers(apiKey)) {
      return -1;
    }
    if (sight.restricted != null) {
      highest = Math.min(highest, AccessSteps.highestVersion(apiKey));
    }
    return scope.switchable() ? Math.min(highest, Switchable.highestVersion(apiKey)) : highest;
  }

  /**
   * The lowest version of an API that may be forwarded. The definitions describe older ones only in
   * part, so that names in them could be overlooked.
   */
  private int lowestVersion(int apiKey) {
    MessageSchema request = isPart() ? schemas.request(apiKey) : null;
    return request == null || request.valid().isEmpty() ? 0 : request.valid().lowest();
  }

  /** Whether clients see or may do only a part of what there is. */
  private boolean isPart() {
    return sight.names != null || sight.restricted != null;
  }

  /** What an unknown request needs cannot be told. */
  private boolean mayRelayUnknown() {
    return rules.unknown() == ApiRules.Unknown.RELAY && sight.restricted == null;
  }

  /** The response to ApiVersions for clients that have not authenticated yet. */
  public OwnApiVersions ownApiVersions() {
    return ownApiVersions;
  }

  /** Whether the operator forbids requests of this api. */
  public boolean isForbidden(int apiKey) {
    return rules.forbidden().contains(apiKey);
  }

  private RequestRule requestRule(int apiKey, int version) {
    if (scope.sasl == Sasl.BEFORE_LOGIN) {
      return isAllowedBeforeLogin(apiKey) ? AUTHENTICATE : UNAUTHENTICATED;
    }
    if (sight.place instanceof Place.Nowhere(String reason)) {
      return new RequestRule.Expel(reason);
    }
    if (apiKey == SASL_HANDSHAKE || apiKey == SASL_AUTHENTICATE) {
      RequestRule sasl = saslRule();
      if (sasl != null) {
        return sasl;
      }
    }
    RequestRule rule = ruleByApi(apiKey, version);
    return scope.brokerNamed ? rule : BrokerIndependentApis.rule(apiKey, version, rule);
  }

  /** Whether a client may send this API before the gateway has authenticated it. */
  private static boolean isAllowedBeforeLogin(int apiKey) {
    return apiKey == SASL_HANDSHAKE || apiKey == SASL_AUTHENTICATE || apiKey == API_VERSIONS;
  }

  private @Nullable RequestRule saslRule() {
    return switch (scope.sasl) {
      case REFUSED -> NO_SASL;
      case TERMINATED -> AUTHENTICATE;
      case PASSED, BEFORE_LOGIN -> null;
    };
  }

  /** The rule that the API and version alone determine, for any client. */
  public RequestRule ruleByApi(int apiKey, int version) {
    if (isForbidden(apiKey)) {
      return FORBIDDEN;
    }
    RequestStep step = steps.request(apiKey, version);
    RequestRule refused = refusal(apiKey, step);
    if (refused != null) {
      return refused;
    }
    if (version < lowestVersion(apiKey) || version > highestVersion(apiKey)) {
      return apiKey == API_VERSIONS ? NewerApiVersions.REQUEST : DISCONNECT;
    }
    if (apiKey == SASL_HANDSHAKE || apiKey == SASL_AUTHENTICATE) {
      return INSPECT;
    }
    MessageSchema request = schemas.request(apiKey);
    RequestRule forwarded =
        request != null && apiKey == PRODUCE ? produce(request.layout(version)) : RequestRule.RELAY;
    if (scope.switchable() && apiKey == Switchable.OFFSET_FOR_LEADER_EPOCH) {
      return new RequestRule.Decide(Switchable.EPOCHS_ARE_VALID, forwarded);
    }
    if (sight.names != null && apiKey == PRODUCE && step != null) {
      throw new IllegalStateException("no step sees produced records of a tenant");
    }
    if (sight.names != null && apiKey != PRODUCE) {
      step = TenantRules.translation(sight.names, apiKey, version, step);
    }
    if (apiKey == Switchable.INIT_PRODUCER_ID && scope.replacedIds() != null) {
      step = Switchable.marksProducerIds(version, step);
    }
    VisibleTopics checked = sight.checked(apiKey);
    if (checked != null && apiKey != PRODUCE && !AccessSteps.isOfRules(apiKey)) {
      step =
          AccessSteps.request(
              apiKey,
              version,
              checked,
              step,
              completed -> responseRule(apiKey, version, completed));
    }
    return step == null ? forwarded : new RequestRule.Decide(step, forwarded);
  }

  /** The rule for an API that these clients must not use; null for others. */
  private @Nullable RequestRule refusal(int apiKey, @Nullable RequestStep own) {
    if (sight.restricted != null && AccessSteps.isOfRules(apiKey)) {
      return own == null ? TenantRules.NO_ACLS : null;
    }
    if (sight.names != null) {
      return TenantRules.refusal(apiKey);
    }
    return sight.restricted != null && AccessSteps.isOfTokens(apiKey)
        ? TenantRules.NO_TOKENS
        : null;
  }

  private RequestRule produce(Layout request) {
    VisibleTopics restricted = sight.restricted;
    ProducerIds ids = scope.replacedIds();
    Set<FieldKind> kinds = ids == null ? ACKS : ACKS_AND_RECORDS;
    StreamedNames names =
        sight.names == null && restricted == null
            ? null
            : StreamedNames.ofProduceRequest(sight.names, request, kinds);
    return new RequestRule.Produce(
        names == null ? Program.ofRequest(request, kinds) : names.program(),
        rules.acksZeroForbidden(),
        ids,
        names,
        restricted == null
            ? null
            : new RequestRule.RestrictedProduce(
                restricted,
                responseRule(
                    PRODUCE, request.version(), AccessSteps.restoring(request.version()))));
  }

  /**
   * @param last a step that sees what the client gets, or null
   */
  private ResponseRule responseRule(int apiKey, int version, @Nullable ResponseStep last) {
    ResponseRule own = responseRuleByApi(apiKey, version);
    ResponseStep step = steps.response(apiKey, version);
    VisibleTopics checked = sight.checked(apiKey);
    if (checked != null && version <= highestVersion(apiKey)) {
      step = AccessSteps.response(apiKey, version, checked, step, last);
    }
    if (sight.names != null && version <= highestVersion(apiKey)) {
      own = TenantRules.response(sight.names, apiKey, version, step, own);
    } else if (step != null) {
      own = new ResponseRule.Decide(step, own);
    }
    return isPart() && TenantRules.checksTopicIds(apiKey)
        ? AccessSteps.fetched(version, sight, own)
        : own;
  }

  private ResponseRule responseRuleByApi(int apiKey, int version) {
    MessageSchema response = schemas.response(apiKey);
    if (response == null || version < 0 || version > highestVersion(apiKey)) {
      return unknownResponseRule(apiKey);
    }
    if (apiKey == API_VERSIONS) {
      return new ResponseRule.Versions(ApiVersionsEdit.of(this, version));
    }
    Set<FieldKind> fields = responseFields(apiKey);
    Map<Integer, Program> programs =
        fields.contains(FieldKind.TOPIC_ID) ? TENANT_PROGRAMS : PROGRAMS;
    Program program =
        programs.computeIfAbsent(
            apiKey << 16 | version, _ -> Program.ofResponse(response.layout(version), fields));
    boolean inBrokerRange = version >= response.valid().lowest();
    Program masked = scope.switchable() ? Switchable.masked(response.layout(version)) : null;
    if (masked != null) {
      return new ResponseRule.Edit(program, Integer.MAX_VALUE, masked);
    }
    return program.isInteresting() && (inBrokerRange || program.isEdited())
        ? new ResponseRule.Edit(program, streamsAbove(apiKey, program), null)
        : RELAY_RESPONSE;
  }

  private Set<FieldKind> responseFields(int apiKey) {
    if (apiKey == DESCRIBE_CONFIGS) {
      return CONFIG_FIELDS;
    }
    return isPart() && TenantRules.checksTopicIds(apiKey) ? TENANT_FETCH_FIELDS : RESPONSE_FIELDS;
  }

  private static int streamsAbove(int apiKey, Program program) {
    if (apiKey == DESCRIBE_CONFIGS) {
      return MAX_HELD_FOR_CONFIGS;
    }
    if (!program.mayStream()) {
      return Integer.MAX_VALUE;
    }
    return program.hasAddresses() ? MAX_HELD_FOR_HINTS : MAX_HELD_FOR_MESSAGES;
  }

  private ResponseRule unknownResponseRule(int apiKey) {
    return apiKey == API_VERSIONS ? newerApiVersions : RELAY_RESPONSE;
  }
}
