package io.gatehouse.auth.login.kafka;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.aws.MskIam;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.SaslConfigs;

/** Creates accounts from the properties of a Java client. */
public final class Logins {

  private static final String PLAIN_MODULE =
      "org.apache.kafka.common.security.plain.PlainLoginModule";
  private static final String SCRAM_MODULE =
      "org.apache.kafka.common.security.scram.ScramLoginModule";

  private Logins() {}

  /**
   * The account of a Java client's properties.
   *
   * @param properties as in {@link Logins#of}
   */
  public record Settings(Map<String, String> properties) implements Source<Login> {
    public Settings {
      properties = Map.copyOf(properties);
    }

    @Override
    public Login open(Leases parts) {
      return Logins.of(properties);
    }

    @Override
    public void check() {
      Logins.of(properties).close();
    }

    /** Without the values, some of which are secret. */
    @Override
    public String toString() {
      return properties.keySet().toString();
    }
  }

  /**
   * Creates the account of these properties. Only {@code sasl.*}, {@code security.*} and (for
   * AWS_MSK_IAM) {@code aws.*} are read. The network is not used yet: the first {@link Login#begin}
   * fetches tokens or tickets, so that the gateway starts while an identity provider is down.
   *
   * @param clientProperties as in a Java client's properties file (docs/conduktor.md, after {@code
   *     KAFKA_} variables were turned into properties)
   * @throws IllegalArgumentException when a property is unknown, malformed, or contradicts another;
   *     the message names it and holds no secret
   */
  public static Login of(Map<String, String> clientProperties) {
    SaslProperties properties = SaslProperties.read(clientProperties);
    if (properties.mechanism().equals(MskIam.MECHANISM)) {
      return MskIam.of(properties.jaasOptions(), clientProperties);
    }
    return new KafkaLogin(properties);
  }

  /**
   * An account with a name and a password: PLAIN or SCRAM.
   *
   * @throws IllegalArgumentException for another mechanism
   */
  public static Settings password(String mechanism, String user, Secret password) {
    String module =
        switch (mechanism) {
          case "PLAIN" -> PLAIN_MODULE;
          case "SCRAM-SHA-256", "SCRAM-SHA-512" -> SCRAM_MODULE;
          default ->
              throw new IllegalArgumentException(
                  mechanism + " takes no password; PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 do");
        };
    String jaas =
        "%s required username=%s password=%s;"
            .formatted(module, quoted(user), quoted(password.reveal()));
    return new Settings(
        Map.of(SaslConfigs.SASL_MECHANISM, mechanism, SaslConfigs.SASL_JAAS_CONFIG, jaas));
  }

  /**
   * An account with the name and the password of a JAAS file, whose other contents are ignored
   * ({@code --sasl-jaas-config-file}, docs/kafka-proxy.md).
   *
   * @throws IllegalArgumentException when the file cannot be read or does not hold exactly one of
   *     each
   */
  public static Settings jaasFile(String mechanism, Path file) {
    try {
      String text = Files.readString(file);
      return password(
          mechanism, only("username", text, file), new Secret(only("password", text, file)));
    } catch (IOException e) {
      throw new IllegalArgumentException("the JAAS file cannot be read: " + e, e);
    }
  }

  private static String only(String name, String text, Path file) {
    Matcher found = Pattern.compile("\\b" + name + "[ \t]*=[ \t]*\"([^\"]*)\"").matcher(text);
    String value = found.find() ? found.group(1).strip() : "";
    if (value.isEmpty() || found.find()) {
      throw new IllegalArgumentException(
          "the JAAS file " + file + " must hold " + name + "=\"...\" exactly once");
    }
    return value;
  }

  /** Quotes a text for Kafka's JAAS parser, including line feeds. */
  private static String quoted(String text) {
    String escaped =
        text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\r", "\\r");
    return '"' + escaped + '"';
  }
}
