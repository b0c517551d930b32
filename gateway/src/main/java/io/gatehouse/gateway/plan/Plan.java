package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Program;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The table of what is done with each api and version. Safe for use by many threads. */
public final class Plan {

  public static final int PRODUCE = 0;
  public static final int FETCH = 1;
  public static final int SASL_HANDSHAKE = 17;
  public static final int API_VERSIONS = 18;
  public static final int SASL_AUTHENTICATE = 36;
  private static final int DESCRIBE_CONFIGS = 32;

  /** Apis and versions beyond are not in the table: the definitions know none of them. */
  private static final int API_KEYS = 128;

  private static final int VERSIONS = 64;

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

  private static final RequestRule HANGUP = new RequestRule.Hangup();
  private static final RequestRule FORBIDDEN = new RequestRule.Refuse(ErrorRefusal.FORBIDDEN);
  private static final ResponseRule RELAY_RESPONSE = new ResponseRule.Relay();

  private final ApiRules rules;
  private final Schemas schemas = Schemas.get();
  private final OwnApiVersions ownApiVersions = new OwnApiVersions(this);
  private final AtomicReferenceArray<RequestRule> requests =
      new AtomicReferenceArray<>(API_KEYS * VERSIONS);
  private final AtomicReferenceArray<ResponseRule> responses =
      new AtomicReferenceArray<>(API_KEYS * VERSIONS);

  public Plan(ApiRules rules) {
    this.rules = rules;
  }

  public RequestRule request(int apiKey, int version) {
    if (apiKey < 0 || apiKey >= API_KEYS || version < 0 || version >= VERSIONS) {
      return makeRequestRule(apiKey, version);
    }
    int index = apiKey * VERSIONS + version;
    RequestRule rule = requests.get(index);
    if (rule == null) {
      rule = makeRequestRule(apiKey, version);
      requests.set(index, rule);
    }
    return rule;
  }

  public ResponseRule response(int apiKey, int version) {
    if (apiKey < 0 || apiKey >= API_KEYS || version < 0 || version >= VERSIONS) {
      return unknownResponse(apiKey);
    }
    int index = apiKey * VERSIONS + version;
    ResponseRule rule = responses.get(index);
    if (rule == null) {
      rule = makeResponseRule(apiKey, version);
      responses.set(index, rule);
    }
    return rule;
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

  /** An api and version that may not pass, for a log line. */
  public static String described(int apiKey, int version) {
    String name = Schemas.get().apiName(apiKey);
    return name == null
        ? "api key "
            + apiKey
            + " is unknown"
            + (apiKey < 0 ? "" : " (rules.unknownApis: relay would let it pass unseen)")
        : name + " version " + version + " is not known";
  }

  /** What clients are told of the apis before they are let through to a broker. */
  public OwnApiVersions ownApiVersions() {
    return ownApiVersions;
  }

  /** Whether the operator forbids requests of this api. */
  public boolean isForbidden(int apiKey) {
    return rules.forbidden().contains(apiKey);
  }

  private RequestRule makeRequestRule(int apiKey, int version) {
    if (isForbidden(apiKey)) {
      return FORBIDDEN;
    }
    if (version < 0 || version > highestVersion(apiKey)) {
      return apiKey == API_VERSIONS ? NewerApiVersions.REQUEST : HANGUP;
    }
    MessageSchema request = schemas.request(apiKey);
    if (request == null) {
      return RequestRule.RELAY;
    }
    if (apiKey == PRODUCE) {
      return new RequestRule.Acks(
          Program.ofRequest(request.layout(version), IN_PRODUCE_REQUESTS),
          rules.acksZeroForbidden());
    }
    return RequestRule.RELAY;
  }

  private ResponseRule makeResponseRule(int apiKey, int version) {
    MessageSchema response = schemas.response(apiKey);
    if (response == null || version > response.valid().highest()) {
      return unknownResponse(apiKey);
    }
    if (apiKey == API_VERSIONS) {
      return new ResponseRule.Open(new ApiVersionsRewrite(this, version));
    }
    if (apiKey == DESCRIBE_CONFIGS) {
      return new ResponseRule.Configs(Program.ofResponse(response.layout(version), IN_CONFIGS));
    }
    Program program = Program.ofResponse(response.layout(version), IN_RESPONSES);
    boolean wellKnown = version >= response.valid().lowest();
    return program.isInteresting() && (wellKnown || program.isMended())
        ? new ResponseRule.Walk(program)
        : RELAY_RESPONSE;
  }

  private static ResponseRule unknownResponse(int apiKey) {
    return apiKey == API_VERSIONS ? NewerApiVersions.RESPONSE : RELAY_RESPONSE;
  }
}
