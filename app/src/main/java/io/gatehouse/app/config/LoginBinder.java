package io.gatehouse.app.config;

import io.gatehouse.auth.ChildEnvironment;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.aws.AwsAccount;
import io.gatehouse.auth.login.aws.AwsKeys;
import io.gatehouse.auth.login.aws.AwsRole;
import io.gatehouse.auth.login.aws.MskIam;
import io.gatehouse.auth.login.kafka.KerberosAccount;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.login.token.TokenLogin;
import io.gatehouse.auth.login.token.TokenProviders;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.authplugins.PluginSettings;
import io.gatehouse.authplugins.PluginTokenProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads an account at the brokers: a {@code login}, or one of the {@code accounts}. */
final class LoginBinder {

  /** The keys that describe an account. Exactly one is required. */
  private static final List<String> WAYS =
      List.of("user", "jaasFile", "properties", "tokens", "aws", "kerberos", "plugin");

  private final Section section;

  private LoginBinder(Section section) {
    this.section = section;
  }

  /** The account, or null if it has problems. */
  static @Nullable Source<Login> read(Section section) {
    return new LoginBinder(section).read();
  }

  private @Nullable Source<Login> read() {
    List<String> given = WAYS.stream().filter(section::has).toList();
    if (given.size() != 1) {
      section.problem(
          "",
          "an account needs one of "
              + String.join(", ", WAYS)
              + (given.isEmpty() ? "" : ", but has " + String.join(" and ", given)));
      return section.source(() -> null);
    }
    Supplier<? extends Source<Login>> maker =
        switch (given.getFirst()) {
          case "user" -> password();
          case "jaasFile" -> jaasFile();
          case "properties" -> properties();
          case "tokens" -> tokens(section.section("tokens"));
          case "aws" -> aws(section.section("aws"));
          case "kerberos" -> kerberos(section.section("kerberos"));
          default -> plugin();
        };
    return section.source(maker);
  }

  private String mechanism() {
    return section.text("mechanism", "PLAIN");
  }

  private Supplier<Source<Login>> password() {
    String mechanism = mechanism();
    String user = section.text("user", "");
    Secret password = section.secret("password");
    if (password == null) {
      section.problem("user", "the user has no password");
    }
    return () -> Logins.password(mechanism, user, password == null ? new Secret("") : password);
  }

  private Supplier<Source<Login>> jaasFile() {
    String mechanism = mechanism();
    Path file = section.path("jaasFile", "none");
    return () -> Logins.jaasFile(mechanism, file == null ? Path.of("") : file);
  }

  private Supplier<Source<Login>> properties() {
    Map<String, String> properties = section.properties("properties");
    for (String name : properties.keySet()) {
      if (!ClientProperties.isOfLogin(name)) {
        section.problem("properties", name + " is not a login property: only sasl.* and aws.* are");
      }
    }
    return () -> new Logins.Settings(properties);
  }

  private static Supplier<Source<Login>> tokens(Section tokens) {
    String name = tokens.text("provider", "oidc-provider");
    List<String> parameters = tokens.secretList("parameters");
    tokens.close();
    return () -> new TokenLogin.Settings(new TokenProviders.Settings(name, parameters));
  }

  private static Supplier<Source<Login>> aws(Section aws) {
    String region =
        optional(aws, "region", "the region in the broker's host name, else that of the machine");
    String profile = optional(aws, "profile", "the default credential chain");
    String accessKey = optional(aws, "accessKeyId", "the default credential chain");
    Secret secretKey = aws.secret("secretAccessKey");
    Secret token = aws.secret("sessionToken");
    String role = optional(aws, "role", "no role is assumed");
    boolean lookup = aws.flag("identityLookup", false);
    ChildEnvironment environment = PluginBinder.environment(aws);
    if ((accessKey == null) != (secretKey == null)) {
      aws.problem("", "accessKeyId and secretAccessKey must be given together");
    }
    aws.close();
    return () -> {
      AwsKeys keys =
          accessKey == null || secretKey == null ? null : new AwsKeys(accessKey, secretKey, token);
      AwsAccount account =
          new AwsAccount(
              region, profile, keys, role == null ? null : AwsRole.of(role), environment);
      return new MskIam.Settings(account, lookup);
    };
  }

  private static Supplier<Source<Login>> kerberos(Section kerberos) {
    KerberosAccount.Proof proof =
        kerberos.choice("proof", KerberosAccount.Proof.KEYTAB, KerberosAccount.Proof.class);
    String service = kerberos.text("service", "kafka");
    String user = kerberos.text("user", "kafka");
    Secret password = kerberos.secret("password");
    String realm = kerberos.text("realm", "");
    Path keytab = kerberos.path("keytab", "none");
    Path config = kerberos.path("config", "the system's");
    Map<String, String> hosts = kerberos.map("hosts", String::strip, String::strip);
    kerberos.close();
    return () -> new KerberosAccount(proof, service, user, realm, password, keytab, config, hosts);
  }

  private Supplier<Source<Login>> plugin() {
    PluginSettings plugin = PluginBinder.read(section.section("plugin"));
    return () -> new TokenLogin.Settings(new PluginTokenProvider.Settings(plugin));
  }

  private static @Nullable String optional(Section section, String key, String meaning) {
    return section.optionalText(key, meaning, Function.identity());
  }
}
