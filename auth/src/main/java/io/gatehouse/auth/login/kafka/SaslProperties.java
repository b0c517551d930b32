package io.gatehouse.auth.login.kafka;

import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.login.aws.MskIam;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.security.JaasContext;
import org.jspecify.annotations.Nullable;

/**
 * The SASL part of a Java client's properties, validated and converted to the types that Kafka's
 * classes expect.
 *
 * @param mechanism {@code sasl.mechanism}, GSSAPI if unset as in a Java client
 * @param jaas the one login module and its options
 * @param typed all properties, those of SASL in their types
 */
record SaslProperties(String mechanism, JaasContext jaas, Map<String, ?> typed) {

  static final String PLAIN = "PLAIN";
  static final String GSSAPI = SaslConfigs.GSSAPI_MECHANISM;
  static final String OAUTHBEARER = "OAUTHBEARER";

  private static final String PREFIX = "sasl.";
  private static final String PROTOCOL = "security.protocol";
  private static final String JAAS_FILE = "java.security.auth.login.config";
  private static final String OAUTH_MODULE =
      "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
  private static final String OAUTH_HANDLER =
      "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";

  /** The handler's class name in Kafka 3, which is still accepted. */
  private static final String OAUTH_HANDLER_OF_KAFKA_3 =
      "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler";

  /** In milliseconds. Kafka's own default of these timeouts is none. */
  private static final String LOGIN_WAIT = "10000";

  private static final ConfigDef DEFINITIONS = definitions();

  /** The mechanisms of each known login module; other modules may serve any. */
  private static final Map<String, Set<String>> MODULES =
      Map.of(
          "org.apache.kafka.common.security.plain.PlainLoginModule",
          Set.of(PLAIN),
          "org.apache.kafka.common.security.scram.ScramLoginModule",
          Set.of("SCRAM-SHA-256", "SCRAM-SHA-512"),
          OAUTH_MODULE,
          Set.of(OAUTHBEARER),
          "com.sun.security.auth.module.Krb5LoginModule",
          Set.of(GSSAPI),
          MskIam.LOGIN_MODULE,
          Set.of(MskIam.MECHANISM));

  static SaslProperties read(Map<String, String> given) {
    checkProtocol(given);
    Map<String, String> raw = new LinkedHashMap<>(given);
    refuseUnknown(raw);
    String mechanism = raw.getOrDefault(SaslConfigs.SASL_MECHANISM, GSSAPI);
    if (mechanism.isBlank()) {
      throw new IllegalArgumentException(SaslConfigs.SASL_MECHANISM + " is empty");
    }
    switch (mechanism) {
      case OAUTHBEARER -> fillOauth(raw);
      case MskIam.MECHANISM -> fillMskIam(raw);
      default -> {}
    }
    raw.putIfAbsent(SaslConfigs.SASL_LOGIN_CONNECT_TIMEOUT_MS, LOGIN_WAIT);
    raw.putIfAbsent(SaslConfigs.SASL_LOGIN_READ_TIMEOUT_MS, LOGIN_WAIT);
    Map<String, Object> typed = new HashMap<>(raw);
    try {
      typed.putAll(DEFINITIONS.parse(raw));
    } catch (KafkaException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    SaslProperties read = new SaslProperties(mechanism, jaas(typed), typed);
    read.checkModule(raw.containsKey(SaslConfigs.SASL_MECHANISM));
    read.checkOptions();
    return read;
  }

  AppConfigurationEntry module() {
    return jaas.configurationEntries().getFirst();
  }

  Map<String, String> jaasOptions() {
    Map<String, String> options = new TreeMap<>();
    module().getOptions().forEach((name, value) -> options.put(name, String.valueOf(value)));
    return options;
  }

  /** The class that a property names, or null if it is not set. */
  @Nullable Class<?> customClass(String property) {
    return (Class<?>) typed.get(property);
  }

  private static ConfigDef definitions() {
    ConfigDef definitions = new ConfigDef();
    SaslConfigs.addClientSaslSupport(definitions);
    return definitions;
  }

  private static void checkProtocol(Map<String, String> given) {
    String protocol = given.get(PROTOCOL);
    if (protocol != null && !protocol.startsWith("SASL_")) {
      throw new IllegalArgumentException(
          PROTOCOL + " is " + protocol + ", which has no SASL; use SASL_PLAINTEXT or SASL_SSL");
    }
  }

  /** Unknown properties are accepted only with classes of the user, which may read them. */
  private static void refuseUnknown(Map<String, String> raw) {
    boolean custom =
        Stream.of(
                SaslConfigs.SASL_LOGIN_CLASS,
                SaslConfigs.SASL_LOGIN_CALLBACK_HANDLER_CLASS,
                SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS,
                SaslConfigs.SASL_OAUTHBEARER_JWT_RETRIEVER_CLASS,
                SaslConfigs.SASL_OAUTHBEARER_JWT_VALIDATOR_CLASS)
            .map(raw::get)
            .anyMatch(name -> name != null && !name.startsWith("org.apache.kafka."));
    for (String key : raw.keySet()) {
      if (key.startsWith(PREFIX) && !custom && !DEFINITIONS.names().contains(key)) {
        throw new IllegalArgumentException(
            "Unknown property " + key + Nearest.hint(key, DEFINITIONS.names()));
      }
    }
  }

  private static void fillOauth(Map<String, String> raw) {
    if (!raw.containsKey(SaslConfigs.SASL_JAAS_CONFIG) && System.getProperty(JAAS_FILE) == null) {
      raw.put(SaslConfigs.SASL_JAAS_CONFIG, OAUTH_MODULE + " required;");
    }
    boolean remote =
        raw.keySet().stream()
            .anyMatch(key ->
                key.equals(SaslConfigs.SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL)
                    || key.equals(SaslConfigs.SASL_OAUTHBEARER_JWT_RETRIEVER_CLASS)
                    || key.startsWith("sasl.oauthbearer.assertion.")
                    || key.startsWith("sasl.oauthbearer.client.credentials."));
    String handler = raw.get(SaslConfigs.SASL_LOGIN_CALLBACK_HANDLER_CLASS);
    // Kafka's default handler makes unsecured tokens for development, which are not meant when a
    // token endpoint is set.
    if ((remote && handler == null) || OAUTH_HANDLER_OF_KAFKA_3.equals(handler)) {
      raw.put(SaslConfigs.SASL_LOGIN_CALLBACK_HANDLER_CLASS, OAUTH_HANDLER);
    }
    if (OAUTH_HANDLER.equals(raw.get(SaslConfigs.SASL_LOGIN_CALLBACK_HANDLER_CLASS))
        && !raw.containsKey(SaslConfigs.SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL)
        && !raw.containsKey(SaslConfigs.SASL_OAUTHBEARER_JWT_RETRIEVER_CLASS)) {
      throw new IllegalArgumentException(
          SaslConfigs.SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL
              + " is missing: the URL tokens are fetched from, or file:/path of a token");
    }
    OauthAllowlist.add(raw);
  }

  /**
   * Replaces the handlers that clients configure for AWS_MSK_IAM by the built-in implementation.
   */
  private static void fillMskIam(Map<String, String> raw) {
    for (String property :
        List.of(
            SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS,
            SaslConfigs.SASL_LOGIN_CALLBACK_HANDLER_CLASS,
            SaslConfigs.SASL_LOGIN_CLASS)) {
      String name = raw.remove(property);
      if (name != null && !MskIam.HANDLERS.contains(name)) {
        throw new IllegalArgumentException(
            property
                + " is "
                + name
                + ", but "
                + MskIam.MECHANISM
                + " is built in and takes no other handler; remove the property");
      }
    }
    if (System.getProperty(JAAS_FILE) == null) {
      raw.putIfAbsent(SaslConfigs.SASL_JAAS_CONFIG, MskIam.LOGIN_MODULE + " required;");
    }
  }

  private static JaasContext jaas(Map<String, Object> typed) {
    try {
      JaasContext jaas = JaasContext.loadClientContext(typed);
      if (jaas.configurationEntries().size() != 1) {
        throw new IllegalArgumentException(
            "the JAAS section KafkaClient names several login modules; a client has one");
      }
      return jaas;
    } catch (RuntimeException e) {
      // Without the cause and quoted text, which can contain a part of the password if a quote is
      // missing.
      String message = String.valueOf(e.getMessage());
      String shown =
          typed.containsKey(SaslConfigs.SASL_JAAS_CONFIG) && mayQuoteOptions(message)
              ? message.replaceAll("'.*'", "...")
              : message;
      throw new IllegalArgumentException(SaslConfigs.SASL_JAAS_CONFIG + ": " + shown);
    }
  }

  private static boolean mayQuoteOptions(String message) {
    return !message.contains(JAAS_FILE);
  }

  private void checkModule(boolean mechanismGiven) {
    String name = module().getLoginModuleName();
    Set<String> served = MODULES.get(name);
    if (served != null && !served.contains(mechanism)) {
      throw new IllegalArgumentException(
          SaslConfigs.SASL_JAAS_CONFIG
              + " names "
              + name
              + ", but "
              + SaslConfigs.SASL_MECHANISM
              + (mechanismGiven ? " is " : " is not set and thus ")
              + mechanism
              + "; that module is for "
              + String.join(" and ", new TreeSet<>(served)));
    }
    if (served == null || !name.equals(MskIam.LOGIN_MODULE)) {
      try {
        Class.forName(name, false, loader());
      } catch (ClassNotFoundException e) {
        throw new IllegalArgumentException(
            SaslConfigs.SASL_JAAS_CONFIG + ": the class path has no login module " + name, e);
      }
    }
  }

  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context != null ? context : SaslProperties.class.getClassLoader();
  }

  private void checkOptions() {
    Map<String, ?> options = module().getOptions();
    boolean ownHandler = customClass(SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS) != null;
    if (!ownHandler && (mechanism.equals(PLAIN) || mechanism.startsWith("SCRAM-"))) {
      for (String option : List.of("username", "password")) {
        if (MODULES.containsKey(module().getLoginModuleName()) && !options.containsKey(option)) {
          throw new IllegalArgumentException(
              SaslConfigs.SASL_JAAS_CONFIG + " has no " + option + "=\"...\"");
        }
      }
    }
    if (mechanism.equals(GSSAPI) && customClass(SaslConfigs.SASL_LOGIN_CLASS) == null) {
      Object inJaas = options.get("serviceName");
      Object inProperties = typed.get(SaslConfigs.SASL_KERBEROS_SERVICE_NAME);
      if (inJaas == null && inProperties == null) {
        throw new IllegalArgumentException(
            SaslConfigs.SASL_KERBEROS_SERVICE_NAME
                + " is missing: the first part of the brokers' Kerberos principals, mostly kafka");
      }
      if (inJaas != null && inProperties != null && !inJaas.equals(inProperties)) {
        throw new IllegalArgumentException(
            SaslConfigs.SASL_KERBEROS_SERVICE_NAME
                + " is "
                + inProperties
                + ", but "
                + SaslConfigs.SASL_JAAS_CONFIG
                + " says serviceName="
                + inJaas);
      }
    }
  }
}
