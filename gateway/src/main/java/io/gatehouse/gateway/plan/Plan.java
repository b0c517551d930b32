package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Program;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The table of what is done with each api and version, for clients whose connections are alike in
 * {@link Scope}. Safe for use by many threads.
 */
public final class Plan {

  public static final int PRODUCE = 0;
  public static final int FETCH = 1;
  public static final int SASL_HANDSHAKE = 17;
  public static final int API_VERSIONS = 18;
  public static final int SASL_AUTHENTICATE = 36;
  private static final int DESCRIBE_CONFIGS = 32;

  /** What responses are walked for. */
  private static final Set<FieldKind> IN_RESPONSES =
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

  private static final Set<FieldKind> IN_CONFIGS =
      EnumSet.of(
          FieldKind.RESOURCE_TYPE,
          FieldKind.RESOURCE_NAME,
          FieldKind.CONFIG_NAME,
          FieldKind.CONFIG_VALUE,
          FieldKind.ERROR_MESSAGE,
          FieldKind.ERROR_CODE);

  private static final Set<FieldKind> IN_PRODUCE_REQUESTS = EnumSet.of(FieldKind.ACKS);

  /** Up to this size a response is held back for hints in its tail. */
  private static final int MOST_FOR_HINTS = 64 << 10;

  /** The same for error messages. */
  private static final int MOST_FOR_MESSAGES = 1 << 20;

  /** The same for configurations, of which any may be of a broker. */
  private static final int MOST_FOR_CONFIGS = 16 << 20;

  private static final RequestRule HANGUP = new RequestRule.Hangup();
  private static final RequestRule FORBIDDEN = new RequestRule.Refuse(ErrorRefusal.FORBIDDEN);
  private static final RequestRule NO_SASL = new RequestRule.Refuse(ErrorRefusal.NO_SASL);
  private static final RequestRule AUTHENTICATE = new RequestRule.Authenticate();
  private static final RequestRule UNAUTHENTICATED = new RequestRule.Unauthenticated();
  private static final RequestRule INSPECT = new RequestRule.Inspect();
  private static final ResponseRule RELAY_RESPONSE = new ResponseRule.Relay();

  /** What becomes of a client's SASL. */
  public enum Sasl {
    /** It ends at the gateway, and has not come to its end. */
    BEFORE_LOGIN,
    /** It ended at the gateway, and may begin anew (KIP-368). */
    TERMINATED,
    /** It passes to the broker. */
    PASSED,
    /** There is none: the gateway logs in for the client, and SASL would touch that login. */
    REFUSED
  }

  /**
   * What connections have in common that share a plan.
   *
   * @param brokerNamed whether the client said which broker it wants
   */
  public record Scope(Sasl sasl, boolean brokerNamed) {}

  private final ApiRules rules;
  private final Scope scope;
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
  }

  /** The limit of a request, without the four bytes of its length. */
  public int maxFrameBytes() {
    return maxFrameBytes;
  }

  /** What is done with a request of this api and version. */
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
    return new Route(apiKey, version, requestRule(apiKey, version), responseRule(apiKey, version));
  }

  /**
   * The highest version of an api that may pass: what is newer than the definitions could hold
   * addresses in places that nobody looks at. Of an api that they do not know it is -1, for none,
   * or no limit where the rules have such apis relayed.
   */
  int highestVersion(int apiKey) {
    if (apiKey < 0) {
      return -1;
    }
    MessageSchema response = schemas.response(apiKey);
    return response == null || response.valid().isEmpty()
        ? rules.unknown() == ApiRules.Unknown.RELAY ? Short.MAX_VALUE : -1
        : response.valid().highest();
  }

  /** What clients are told of the apis before they are let through to a broker. */
  public OwnApiVersions ownApiVersions() {
    return ownApiVersions;
  }

  /** Whether the operator forbids requests of this api. */
  public boolean isForbidden(int apiKey) {
    return rules.forbidden().contains(apiKey);
  }

  private RequestRule requestRule(int apiKey, int version) {
    if (scope.sasl == Sasl.BEFORE_LOGIN) {
      return isOfLogin(apiKey) ? AUTHENTICATE : UNAUTHENTICATED;
    }
    if (apiKey == SASL_HANDSHAKE || apiKey == SASL_AUTHENTICATE) {
      RequestRule sasl = saslRule();
      if (sasl != null) {
        return sasl;
      }
    }
    RequestRule usual = usualRule(apiKey, version);
    return scope.brokerNamed ? usual : AnyBroker.rule(apiKey, version, usual);
  }

  /** Whether the gateway answers requests of this api for clients that log in at it. */
  private static boolean isOfLogin(int apiKey) {
    return apiKey == SASL_HANDSHAKE || apiKey == SASL_AUTHENTICATE || apiKey == API_VERSIONS;
  }

  private @Nullable RequestRule saslRule() {
    return switch (scope.sasl) {
      case REFUSED -> NO_SASL;
      case TERMINATED -> AUTHENTICATE;
      case PASSED, BEFORE_LOGIN -> null;
    };
  }

  /** What is done with a request whoever sends it. */
  public RequestRule usualRule(int apiKey, int version) {
    if (isForbidden(apiKey)) {
      return FORBIDDEN;
    }
    if (version < 0 || version > highestVersion(apiKey)) {
      return apiKey == API_VERSIONS ? NewerApiVersions.REQUEST : HANGUP;
    }
    if (apiKey == SASL_HANDSHAKE || apiKey == SASL_AUTHENTICATE) {
      return INSPECT;
    }
    MessageSchema request = schemas.request(apiKey);
    RequestRule forwarded =
        request != null && apiKey == PRODUCE
            ? new RequestRule.Acks(
                Program.ofRequest(request.layout(version), IN_PRODUCE_REQUESTS),
                rules.acksZeroForbidden())
            : RequestRule.RELAY;
    RequestStep step = steps.request(apiKey, version);
    return step == null ? forwarded : new RequestRule.Decide(step, forwarded);
  }

  private ResponseRule responseRule(int apiKey, int version) {
    ResponseRule own = ownResponseRule(apiKey, version);
    ResponseStep step = steps.response(apiKey, version);
    return step == null ? own : new ResponseRule.Decide(step, own);
  }

  private ResponseRule ownResponseRule(int apiKey, int version) {
    MessageSchema response = schemas.response(apiKey);
    if (response == null || version < 0 || version > response.valid().highest()) {
      return unknownResponse(apiKey);
    }
    if (apiKey == API_VERSIONS) {
      return new ResponseRule.Versions(ApiVersionsEdit.of(this, version));
    }
    Program program =
        Program.ofResponse(
            response.layout(version), apiKey == DESCRIBE_CONFIGS ? IN_CONFIGS : IN_RESPONSES);
    boolean wellKnown = version >= response.valid().lowest();
    return program.isInteresting() && (wellKnown || program.isEdited())
        ? new ResponseRule.Edit(program, streamsAbove(apiKey, program))
        : RELAY_RESPONSE;
  }

  private static int streamsAbove(int apiKey, Program program) {
    if (apiKey == DESCRIBE_CONFIGS) {
      return MOST_FOR_CONFIGS;
    }
    if (!program.mayStream()) {
      return Integer.MAX_VALUE;
    }
    return program.hasAddresses() ? MOST_FOR_HINTS : MOST_FOR_MESSAGES;
  }

  private ResponseRule unknownResponse(int apiKey) {
    return apiKey == API_VERSIONS ? newerApiVersions : RELAY_RESPONSE;
  }
}
