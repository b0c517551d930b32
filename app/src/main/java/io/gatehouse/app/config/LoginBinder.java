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
import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.auth.login.token.TokenProviders;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads an account at the brokers: a {@code login}, or one of the {@code accounts}. */
final class LoginBinder {

  /** Ways to describe an account; just one is given. */
  private static final List<String> WAYS =
      List.of("user", "jaasFile", "properties", "tokens", "aws", "kerberos", "plugin");

  private final Section section;

  private LoginBinder(Section section) {
    this.section = section;
  }

  /** The account, or null if there are problems with it. */
  static @Nullable Login read(Section section) {
    return new LoginBinder(section).read();
  }

  private @Nullable Login read() {
    List<String> given = WAYS.stream().filter(section::has).toList();
    if (given.size() != 1) {
      section.problem(
          "",
          "an account is described by one of "
              + String.join(", ", WAYS)
              + (given.isEmpty() ? "" : ", and not by " + String.join(" and ", given)));
      return made(null);
    }
    return made(
        switch (given.getFirst()) {
          case "user" -> password();
          case "jaasFile" -> jaasFile();
          case "properties" -> properties();
          case "tokens" -> tokens(section.section("tokens"));
          case "aws" -> aws(section.section("aws"));
          case "kerberos" -> kerberos(section.section("kerberos"));
          default -> plugin();
        });
  }

  private @Nullable Login made(@Nullable Supplier<Login> maker) {
    @Nullable Login[] made = new Login[1];
    section.make(
        () -> {
          if (maker != null && section.isFine()) {
            made[0] = section.held(maker.get());
          }
          return "";
        },
        () -> "");
    return made[0];
  }

  private String mechanism() {
    return section.text("mechanism", "PLAIN");
  }

  private Supplier<Login> password() {
    String mechanism = mechanism();
    String user = section.text("user", "");
    Secret password = section.secret("password");
    if (password == null) {
      section.problem("user", "the user has no password");
    }
    return () -> Logins.password(mechanism, user, password == null ? new Secret("") : password);
  }

  private Supplier<Login> jaasFile() {
    String mechanism = mechanism();
    Path file = section.path("jaasFile", "none");
    return () -> Logins.jaasFile(mechanism, file == null ? Path.of("") : file);
  }

  private Supplier<Login> properties() {
    Map<String, String> properties = section.properties("properties");
    for (String name : properties.keySet()) {
      if (!ClientProperties.isOfLogin(name)) {
        section.problem("properties", name + " is not about a login: only sasl.* and aws.* are");
      }
    }
    return () -> Logins.of(properties);
  }

  private static Supplier<Login> tokens(Section tokens) {
    String name = tokens.text("provider", "oidc-provider");
    List<String> parameters = tokens.secretList("parameters");
    tokens.close();
    return () -> {
      TokenProvider provider =
          TokenProviders.named(name, parameters)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "there is no built-in token provider '"
                          + name
                          + "': there are google-id-provider, oidc-provider and"
                          + " unsecured-jwt-provider; a program is a plugin"));
      return new TokenLogin(provider);
    };
  }

  private static Supplier<Login> aws(Section aws) {
    String region = optional(aws, "region", "that of the broker's name, else the machine's");
    String profile = optional(aws, "profile", "the default chain of credentials");
    String accessKey = optional(aws, "accessKeyId", "the default chain of credentials");
    Secret secretKey = aws.secret("secretAccessKey");
    Secret token = aws.secret("sessionToken");
    String role = optional(aws, "role", "none is taken on");
    boolean lookup = aws.flag("identityLookup", false);
    ChildEnvironment environment = PluginBinder.environment(aws);
    if ((accessKey == null) != (secretKey == null)) {
      aws.problem("", "accessKeyId and secretAccessKey belong together");
    }
    aws.close();
    return () -> {
      AwsKeys keys =
          accessKey == null || secretKey == null ? null : new AwsKeys(accessKey, secretKey, token);
      AwsAccount account =
          new AwsAccount(
              region, profile, keys, role == null ? null : AwsRole.of(role), environment);
      if (lookup) {
        aws.step(new AwsLookup(account));
      }
      return MskIam.of(account);
    };
  }

  private static Supplier<Login> kerberos(Section kerberos) {
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
    return () ->
        new KerberosAccount(proof, service, user, realm, password, keytab, config, hosts).login();
  }

  private Supplier<Login> plugin() {
    PluginBinder plugin = PluginBinder.read(section.section("plugin"));
    return () -> new TokenLogin(plugin.provider());
  }

  private static @Nullable String optional(Section section, String key, String meaning) {
    return section.optionalText(key, meaning, Function.identity());
  }
}
