package io.gatehouse.app.config;

import io.gatehouse.auth.RedactedUrl;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.ldap.LdapLookup;
import io.gatehouse.auth.sasl.ldap.LdapSettings;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.token.GoogleIdSettings;
import io.gatehouse.auth.sasl.token.JwksSettings;
import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.auth.sasl.token.TokenRules;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import io.gatehouse.auth.sasl.token.UnsecuredJwtVerifier;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the sections that configure verifiers of passwords and tokens. A verifier is created only
 * if its section is valid.
 */
final class VerifierBinder {

  private static final JwksSettings JWKS = JwksSettings.of(URI.create("https://default"));
  private static final TokenRules RULES = TokenRules.of(null, Set.of());
  private static final GoogleIdSettings GOOGLE = GoogleIdSettings.of(Set.of(), List.of("."));
  private static final Duration LDAP_TIMEOUT = Duration.ofSeconds(10);

  private VerifierBinder() {}

  static Supplier<Source<TokenVerifier>> jwks(Section section) {
    return jwks(section, section.optionalText("groupsClaim", "no groups", Function.identity()));
  }

  /** As for clients, without groups: gateways have no use for them. */
  static Supplier<Source<TokenVerifier>> jwksOfGateways(Section section) {
    return jwks(section, null);
  }

  private static Supplier<Source<TokenVerifier>> jwks(Section section, @Nullable String groups) {
    String scope = section.text("scopeClaim", RULES.claims().scope());
    String tenant = section.optionalText("tenantClaim", "no tenants", Function.identity());
    JwksVerifier.Settings made = issuer(section, scope, tenant, groups);
    return () -> made;
  }

  /** The identity provider of the admin API's users; null if the section has a problem. */
  static JwksVerifier.@Nullable Settings oidc(Section section) {
    JwksVerifier.Settings made = issuer(section, RULES.claims().scope(), null, null);
    return section.isFine() ? made : null;
  }

  private static JwksVerifier.Settings issuer(
      Section section, String scope, @Nullable String tenant, @Nullable String groups) {
    URI url = section.optional("url", "missing", VerifierBinder::uri, URI::toString);
    String issuer = section.optionalText("issuer", "any", Function.identity());
    Set<String> audiences = set(section, "audiences", "any");
    Set<String> algorithms = set(section, "algorithms", "all public-key algorithms");
    String subject = section.text("subjectClaim", RULES.claims().subject());
    Duration skew = section.duration("skew", RULES.skew(), true);
    Duration refresh = section.duration("refresh", JWKS.refresh(), false);
    Duration retry = section.duration("retry", JWKS.retry(), false);
    Duration maxRetry = section.duration("maxRetry", JWKS.maxRetry(), false);
    Duration timeout = section.duration("timeout", JWKS.timeout(), false);
    if (url == null && section.isFine()) {
      section.problem("", "the key url is missing: the location of the issuer's public keys");
    }
    return section.make(
        () -> {
          TokenRules rules =
              new TokenRules(
                  issuer,
                  audiences,
                  algorithms.isEmpty() ? RULES.algorithms() : algorithms,
                  new TokenRules.Claims(subject, scope, tenant, groups),
                  skew);
          JwksSettings settings =
              new JwksSettings(
                  url == null ? JWKS.location() : url, refresh, retry, maxRetry, timeout, null);
          section.onCheck(() ->
              JwksVerifier.problemOf(settings)
                  .ifPresent(problem -> section.problem("url", problem)));
          return new JwksVerifier.Settings(settings, rules);
        },
        () -> new JwksVerifier.Settings(JWKS, RULES));
  }

  static Supplier<Source<TokenVerifier>> google(Section section) {
    Set<String> audiences = set(section, "audiences", "any");
    List<String> emails =
        section.list("emails", "missing", Function.identity(), Function.identity());
    Duration timeout = section.duration("timeout", GOOGLE.timeout(), false);
    Duration refresh = section.duration("refresh", GOOGLE.refresh(), false);
    return section.make(
        () -> {
          GoogleIdSettings settings =
              new GoogleIdSettings(audiences, emails, timeout, refresh, GOOGLE.keys());
          return () -> settings;
        },
        () -> () -> GOOGLE);
  }

  static Supplier<Source<TokenVerifier>> unsecured(Section section) {
    Set<String> subjects = set(section, "subjects", "anybody");
    Set<String> algorithms = set(section, "algorithms", "any");
    section.close();
    return () -> new UnsecuredJwtVerifier.Settings(subjects, algorithms);
  }

  static Supplier<Source<PasswordVerifier>> ldap(Section section) {
    String url = section.text("url", "");
    boolean startTls = section.flag("startTls", true);
    boolean insecure = section.flag("insecureSkipVerify", false);
    Path trust = section.path("trust", "the CA certificates of the Java runtime");
    Duration timeout = section.duration("timeout", LDAP_TIMEOUT, false);
    Lookup lookup = Lookup.read(section);
    return section.make(
        () -> {
          LdapSettings settings =
              new LdapSettings(url, new LdapSettings.Tls(startTls, insecure, trust), lookup.made())
                  .within(timeout);
          return () -> settings;
        },
        () ->
            () -> {
              throw new IllegalArgumentException("the LDAP configuration is invalid");
            });
  }

  /** How users are looked up: by search, as user@domain, or below a DN. */
  private record Lookup(
      @Nullable Search search,
      @Nullable String domain,
      @Nullable String attribute,
      @Nullable String dn) {

    private record Search(
        @Nullable String bindDn, @Nullable Secret password, String base, String filter) {}

    static Lookup read(Section section) {
      String bindDn = section.optionalText("bindDn", "nobody", Function.identity());
      Secret password = section.secret("bindPassword");
      String base = section.optionalText("searchBase", "no search", Function.identity());
      String filter = section.text("searchFilter", "(uid=%u)");
      String domain = section.optionalText("domain", "none", Function.identity());
      String attribute =
          section.optionalText(
              "userAttribute",
              "uid; with a search, the attribute in the filter",
              Function.identity());
      String dn = section.optionalText("userDn", "none", Function.identity());
      Search search =
          base == null && bindDn == null
              ? null
              : new Search(bindDn, password, base == null ? "" : base, filter);
      return new Lookup(search, domain, attribute, dn);
    }

    LdapLookup made() {
      if (search != null) {
        return new LdapLookup.Search(
            search.bindDn, search.password, search.base, search.filter, attribute);
      }
      if (domain != null) {
        return new LdapLookup.UserPrincipalName(domain);
      }
      if (dn == null) {
        throw new IllegalArgumentException(
            "LDAP needs one of searchBase, domain and userDn to find users");
      }
      return new LdapLookup.DirectBind(attribute == null ? "uid" : attribute, dn);
    }
  }

  static URI uri(String text) {
    try {
      return URI.create(text.strip());
    } catch (IllegalArgumentException _) { // the cause's message contains the whole text
      throw new IllegalArgumentException("'" + RedactedUrl.of(text) + "' is not a URL");
    }
  }

  private static Set<String> set(Section section, String key, String meaning) {
    return new LinkedHashSet<>(
        section.list(key, meaning, Function.identity(), Function.identity()));
  }
}
