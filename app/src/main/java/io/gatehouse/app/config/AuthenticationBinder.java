package io.gatehouse.app.config;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.kerberos.GssapiSettings;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramMechanism;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import io.gatehouse.auth.sasl.users.UserFile;
import io.gatehouse.authplugins.PluginPasswordVerifier;
import io.gatehouse.authplugins.PluginSettings;
import io.gatehouse.authplugins.PluginTokenVerifier;
import io.gatehouse.control.AccountPasswords;
import io.gatehouse.control.AccountSettings;
import io.gatehouse.control.ExternalAccounts;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.tls.PrincipalRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads a listener's {@code authentication}. */
final class AuthenticationBinder {

  private enum Type {
    OPEN,
    SASL,
    FORWARDED
  }

  private static final String PLAIN = "PLAIN";
  private static final String OAUTHBEARER = "OAUTHBEARER";
  private static final String GSSAPI = "GSSAPI";
  private static final Set<String> MECHANISMS =
      new TreeSet<>(Set.of(PLAIN, OAUTHBEARER, GSSAPI, "SCRAM-SHA-256", "SCRAM-SHA-512"));

  /** The keys with which each mechanism can be configured. Exactly one is required. */
  private static final Map<String, Set<String>> PROOFS =
      Map.of(
          PLAIN,
          Set.of("users", "user", "serviceAccountKey", "ldap", "plugin"),
          "SCRAM-SHA-256",
          Set.of("users", "accounts"),
          "SCRAM-SHA-512",
          Set.of("users", "accounts"),
          OAUTHBEARER,
          Set.of("jwks", "google", "unsecured", "plugin"),
          GSSAPI,
          Set.of("kerberos"));

  private final Section section;

  private final boolean endsSessions;

  private final StoreSettings store;

  private AuthenticationBinder(Section section, boolean endsSessions, StoreSettings store) {
    this.section = section;
    this.endsSessions = endsSessions;
    this.store = store;
  }

  /**
   * @param endsSessions whether sessions end when their user is removed or gets another password
   * @param store contains the accounts whose tokens are accepted
   */
  static Authentication read(Section section, boolean endsSessions, StoreSettings store) {
    return new AuthenticationBinder(section, endsSessions, store).read();
  }

  private Authentication read() {
    boolean mechanisms = section.has("mechanisms");
    Type type = section.choice("type", mechanisms ? Type.SASL : Type.OPEN, Type.class);
    Rules rules =
        section.optional(
            "principalRules", "the whole subject of the certificate", Rules::parse, Rules::text);
    Duration session = section.duration("maxSession", Duration.ZERO, true);
    if (type != Type.SASL && mechanisms) {
      section.problem("mechanisms", "mechanisms need the type sasl");
    }
    if (type != Type.OPEN && rules != null) {
      section.problem("principalRules", "rules for certificates need the type open");
    }
    List<Source<SaslMechanism>> made = mechanisms();
    return section.make(
        () ->
            switch (type) {
              case OPEN ->
                  rules == null ? new Authentication.Open() : new Authentication.Open(rules.parsed);
              case SASL -> new Authentication.Sasl(made, session);
              case FORWARDED -> new Authentication.Forwarded();
            },
        Authentication.Forwarded::new);
  }

  private record Rules(String text, PrincipalRules parsed) {
    static Rules parse(String text) {
      return new Rules(text, new PrincipalRules(text));
    }
  }

  private List<Source<SaslMechanism>> mechanisms() {
    List<Source<SaslMechanism>> made = new ArrayList<>();
    Set<String> names = new TreeSet<>();
    for (Supplier<Section> opened : section.sections("mechanisms")) {
      Section item = opened.get();
      String name = item.value("name", PLAIN, AuthenticationBinder::known, Function.identity());
      Source<SaslMechanism> mechanism = mechanism(item, name);
      if (mechanism != null) {
        made.add(mechanism);
        if (!names.add(name)) {
          section.problem("mechanisms", "duplicate mechanism " + name);
        }
      }
    }
    return made;
  }

  private @Nullable Source<SaslMechanism> mechanism(Section item, String name) {
    @Nullable Supplier<? extends Source<SaslMechanism>> maker =
        switch (proof(item, name)) {
          case "users" -> users(item, name);
          case "accounts" -> accounts(item, name);
          case "user" -> user(item);
          case "serviceAccountKey" -> serviceAccounts(item);
          case "ldap" -> plain(VerifierBinder.ldap(item.section("ldap")));
          case "jwks" -> tokens(VerifierBinder.jwks(item.section("jwks")));
          case "google" -> tokens(VerifierBinder.google(item.section("google")));
          case "unsecured" -> tokens(VerifierBinder.unsecured(item.section("unsecured")));
          case "kerberos" -> kerberos(item.section("kerberos"));
          case "plugin" -> plugin(item, name);
          default -> null;
        };
    return item.source(() -> maker == null ? null : maker.get());
  }

  /** A mechanism whose users are known here by the names of their service accounts. */
  private Supplier<Source<SaslMechanism>> external(Supplier<Source<SaslMechanism>> mechanism) {
    return () -> new ExternalAccounts.Settings(mechanism.get(), store);
  }

  private Supplier<Source<SaslMechanism>> plain(
      Supplier<? extends Source<? extends PasswordVerifier>> passwords) {
    return external(() -> new PlainMechanism.Settings(passwords.get()));
  }

  private static String known(String text) {
    if (!MECHANISMS.contains(text)) {
      throw new IllegalArgumentException(
          "'" + text + "' is not one of " + String.join(", ", MECHANISMS));
    }
    return text;
  }

  /** The key that configures the mechanism, or an empty text if there is not exactly one. */
  private static String proof(Section item, String mechanism) {
    Set<String> valid = new TreeSet<>(PROOFS.getOrDefault(mechanism, Set.of()));
    List<String> given = valid.stream().filter(item::has).toList();
    if (given.size() != 1) {
      item.problem(
          "",
          mechanism
              + " needs "
              + (valid.size() > 1 ? "one of " : "")
              + String.join(", ", valid)
              + (given.isEmpty() ? "" : ", but has " + String.join(" and ", given)));
      return "";
    }
    return given.getFirst();
  }

  private @Nullable Supplier<Source<SaslMechanism>> users(Section item, String mechanism) {
    Path file = item.path("users", "none");
    if (file == null) {
      return null;
    }
    UserFile.Settings users = new UserFile.Settings(file, endsSessions);
    return mechanism.equals(PLAIN)
        ? plain(() -> users)
        : external(() -> new ScramMechanism.Settings(hash(mechanism), users));
  }

  private static ScramHash hash(String mechanism) {
    return mechanism.equals(ScramHash.SHA_256.mechanism()) ? ScramHash.SHA_256 : ScramHash.SHA_512;
  }

  /** The passwords of service accounts. */
  private Supplier<Source<SaslMechanism>> accounts(Section item, String mechanism) {
    if (!item.flag("accounts", false)) {
      item.problem("accounts", "only true is valid: the passwords of service accounts");
    }
    warnIfForgotten(item);
    return () -> new ScramMechanism.Settings(hash(mechanism), new AccountPasswords.Settings(store));
  }

  private void warnIfForgotten(Section item) {
    if (store instanceof StoreSettings.Memory) {
      item.problems()
          .notice(
              "only accounts that exist may log in, and they are gone when the process ends:"
                  + " admin.store.file keeps them");
    }
  }

  private Supplier<Source<SaslMechanism>> user(Section item) {
    String user = item.text("user", "");
    Secret password = item.secret("password");
    if (password == null) {
      item.problem("user", "the user has no password");
    }
    return plain(() -> new FixedUsers(Map.of(user, password == null ? new Secret("") : password)));
  }

  private Supplier<Source<SaslMechanism>> serviceAccounts(Section item) {
    Secret key = item.secret("serviceAccountKey");
    boolean required = item.flag("accountsRequired", false);
    if (required) {
      warnIfForgotten(item);
    }
    AccountSettings accounts = new AccountSettings(store, required);
    return () ->
        new PlainMechanism.Settings(
            new ServiceAccountTokens.Settings(key == null ? new Secret("") : key, accounts));
  }

  private Supplier<Source<SaslMechanism>> tokens(
      Supplier<? extends Source<? extends TokenVerifier>> verifier) {
    return external(() -> new OauthBearerMechanism.Settings(verifier.get()));
  }

  private Supplier<Source<SaslMechanism>> kerberos(Section kerberos) {
    String principal = kerberos.text("principal", "");
    Path keytab = kerberos.path("keytab", "missing");
    List<String> rules =
        kerberos.list("principalRules", "DEFAULT", Function.identity(), Function.identity());
    if (principal.isEmpty() || keytab == null) {
      kerberos.problem("", "Kerberos needs a principal and its keytab");
    }
    kerberos.close();
    return external(() ->
        new GssapiSettings(
            principal,
            keytab == null ? Path.of("") : keytab,
            rules.isEmpty() ? List.of("DEFAULT") : rules));
  }

  private Supplier<Source<SaslMechanism>> plugin(Section item, String mechanism) {
    PluginSettings plugin = PluginBinder.read(item.section("plugin"));
    return mechanism.equals(PLAIN)
        ? plain(() -> new PluginPasswordVerifier.Settings(plugin))
        : tokens(() -> new PluginTokenVerifier.Settings(plugin));
  }
}
