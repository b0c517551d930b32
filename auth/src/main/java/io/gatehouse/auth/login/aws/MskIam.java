package io.gatehouse.auth.login.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.gatehouse.auth.Http;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Renewal;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SASL mechanism AWS_MSK_IAM. The client sends a presigned request for {@code
 * kafka-cluster:Connect} as JSON, and the broker asks IAM whether it is allowed
 * (docs/kafka-proxy.md).
 */
public final class MskIam implements Login {

  private static final Logger log = LoggerFactory.getLogger(MskIam.class);

  /** The name of the mechanism. */
  public static final String MECHANISM = "AWS_MSK_IAM";

  /** The JAAS login module of AWS's Java library, whose options are supported. */
  public static final String LOGIN_MODULE = "software.amazon.msk.auth.iam.IAMLoginModule";

  /** The callback handlers of AWS's library and of Conduktor's images. */
  public static final Set<String> HANDLERS =
      Set.of(
          "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
          "io.conduktor.aws.IAMClientCallbackHandler");

  private static final String VERSION = "2020_10_22";
  private static final String ACTION = "kafka-cluster:Connect";
  private static final String SERVICE = "kafka-cluster";
  private static final String USER_AGENT = "gatehouse";

  /** The longest lifetime that brokers accept, which leaves room for differing clocks. */
  private static final Duration LIFE = Duration.ofMinutes(15);

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration IDENTITY_TIMEOUT = Duration.ofSeconds(15);
  private static final String NO_PAYLOAD = SigV4.hash(new byte[0]);

  private static final AwsKeys.Names IN_PROPERTIES =
      new AwsKeys.Names("aws.access.key.id", "aws.secret.access.key", "aws.session.token");
  private static final AwsKeys.Names IN_JAAS =
      new AwsKeys.Names("awsRoleAccessKeyId", "awsRoleSecretAccessKey", "awsRoleSessionToken");

  /** The options of AWS's library. The last three only tune that library and are ignored. */
  private static final Set<String> OPTIONS =
      Set.of(
          "awsProfileName",
          "awsRoleArn",
          "awsRoleSessionName",
          "awsRoleExternalId",
          "awsStsRegion",
          IN_JAAS.id(),
          IN_JAAS.secret(),
          IN_JAAS.token(),
          "awsDebugCreds",
          "awsMaxRetries",
          "awsMaxBackOffTimeMs");

  private final AwsEnvironment environment;
  private final Http http;
  private final CredentialChain chain;
  private final Renewal<AwsCredentials> credentials;
  private volatile @Nullable String region;

  MskIam(AwsAccount account, AwsEnvironment environment) {
    this.environment = environment;
    this.http = new Http(TIMEOUT);
    this.chain = new CredentialChain(account, environment, http);
    this.credentials =
        new Renewal<>("AWS credentials", chain::fetch, AwsCredentials::end, environment.clock());
  }

  /**
   * @param lookup whether to log the account's identity at start; a failed lookup is an error
   */
  public record Settings(AwsAccount account, boolean lookup) implements Source<Login> {
    @Override
    public Login open(Leases parts) throws SourceException {
      if (lookup) {
        try {
          log.info("At AWS the gateway is {}", identity(account, AwsEnvironment.ofProcess()));
        } catch (LoginFailure e) {
          throw new SourceException("AWS does not say who the gateway is: " + e.getMessage(), e);
        }
      }
      return of(account);
    }
  }

  public static Login of(AwsAccount account) {
    return new MskIam(account, AwsEnvironment.ofProcess());
  }

  /**
   * The account of a Java client's properties.
   *
   * @param options of the JAAS module
   * @param properties of which {@code aws.access.key.id}, {@code aws.secret.access.key}, {@code
   *     aws.session.token} and {@code aws.region} are read (docs/conduktor.md)
   * @throws IllegalArgumentException when an option is unknown or half of a pair is missing
   */
  public static Login of(Map<String, String> options, Map<String, String> properties) {
    return of(account(options, properties));
  }

  static AwsAccount account(Map<String, String> options, Map<String, String> properties) {
    for (String option : options.keySet()) {
      if (!OPTIONS.contains(option)) {
        throw new IllegalArgumentException(
            "sasl.jaas.config: IAMLoginModule has no option "
                + option
                + "; there are "
                + String.join(", ", new TreeSet<>(OPTIONS)));
      }
    }
    AwsKeys.Named given = new AwsKeys.Named(options::get);
    AwsKeys keys = AwsKeys.of(IN_PROPERTIES, new AwsKeys.Named(properties::get));
    if (keys == null) {
      keys = AwsKeys.of(IN_JAAS, given);
    }
    String profile = given.get("awsProfileName");
    if (keys != null && profile != null) {
      throw new IllegalArgumentException(
          "sasl.jaas.config has awsProfileName, but keys are given too; which of them?");
    }
    String arn = given.get("awsRoleArn");
    AwsRole role =
        arn == null
            ? null
            : new AwsRole(
                arn,
                given.get("awsRoleSessionName"),
                given.get("awsRoleExternalId"),
                given.get("awsStsRegion"));
    return new AwsAccount(
        new AwsKeys.Named(properties::get).get("aws.region"), profile, keys, role);
  }

  /** The ARN of the account's credentials, from STS GetCallerIdentity. */
  static String identity(AwsAccount account, AwsEnvironment environment) throws LoginFailure {
    try (Http http = new Http(IDENTITY_TIMEOUT)) {
      CredentialChain chain = new CredentialChain(account, environment, http);
      return new Sts(environment, http, chain.region()).callerIdentity(chain.fetch());
    }
  }

  @Override
  public String mechanism() {
    return MECHANISM;
  }

  @Override
  public LoginExchange begin(String host) throws LoginFailure {
    String payload = payload(host, regionFor(host), credentials.get());
    return new Exchange(payload.getBytes(UTF_8));
  }

  /** The configured region comes first, then the one in the broker's host name. */
  private String regionFor(String host) throws LoginFailure {
    String configured = chain.account().region();
    if (configured != null) {
      return configured;
    }
    String ofHost = Regions.ofHost(host);
    if (ofHost != null) {
      return ofHost;
    }
    String known = region;
    if (known == null) {
      known = chain.region();
      region = known;
    }
    if (known == null) {
      throw new LoginFailure(
          "the AWS region of " + host + " is unknown: set aws.region, AWS_REGION or the profile's");
    }
    return known;
  }

  private String payload(String host, String inRegion, AwsCredentials by) {
    SortedMap<String, String> query = new TreeMap<>(Map.of("Action", ACTION));
    SortedMap<String, String> headers = new TreeMap<>(Map.of("host", host));
    SigV4 signer = new SigV4(by, inRegion, SERVICE, environment.clock().instant());
    SortedMap<String, String> signed =
        signer.presign(new SigV4.Request("GET", "/", query, headers), LIFE, NO_PAYLOAD);
    Map<String, Object> payload = new LinkedHashMap<>();
    payload.put("version", VERSION);
    payload.put("host", host);
    payload.put("user-agent", USER_AGENT);
    signed.forEach((name, value) -> payload.put(name.toLowerCase(Locale.ROOT), value));
    return JSONObjectUtils.toJSONString(payload);
  }

  @Override
  public void close() {
    http.close();
  }

  private static final class Exchange implements LoginExchange {

    private final byte[] payload;
    private boolean complete;

    Exchange(byte[] payload) {
      this.payload = payload;
    }

    @Override
    public byte[] first() {
      return payload;
    }

    @Override
    public byte @Nullable [] next(byte[] challenge) throws LoginFailure {
      // The answer carries no proof. It may be empty; otherwise it must have our version.
      if (challenge.length > 0) {
        String what = MECHANISM + ": the broker's answer";
        JsonObject answer = JsonObject.read(new String(challenge, UTF_8), what);
        if (!VERSION.equals(answer.text("version"))) {
          throw new LoginFailure(what + " is of another version than " + VERSION);
        }
      }
      complete = true;
      return null;
    }

    @Override
    public boolean isComplete() {
      return complete;
    }
  }
}
