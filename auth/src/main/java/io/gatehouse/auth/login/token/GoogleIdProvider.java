package io.gatehouse.auth.login.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.Http;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Google's ID tokens: the built-in {@code google-id-provider}. A service account signs an assertion
 * and exchanges it for a token of the target audience. With {@code --adc}, application default
 * credentials are used: the file of {@code GOOGLE_APPLICATION_CREDENTIALS}, gcloud's own file, else
 * the metadata server (at {@code GCE_METADATA_HOST}).
 */
public final class GoogleIdProvider implements TokenProvider {

  static final String NAME = "google-id-provider";
  private static final String ENDPOINT = "https://oauth2.googleapis.com/token";
  private static final String METADATA = "169.254.169.254";
  private static final String IDENTITY =
      "/computeMetadata/v1/instance/service-accounts/default/identity?format=full&audience=";
  private static final String ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  private static final Duration ASSERTION_LIFE = Duration.ofHours(1);

  private final Http http;
  private final InstantSource clock;
  private final @Nullable String audience;

  /** Null to use the metadata server. */
  private final @Nullable CredentialsFile file;

  private final String metadata;

  /**
   * @param parameters {@code --credentials-file} and {@code --target-audience}, or {@code --adc};
   *     {@code --credentials-watch}, {@code --timeout} (seconds)
   * @throws IllegalArgumentException when a parameter is unknown, wrong or missing, or the file is
   */
  public GoogleIdProvider(List<String> parameters) {
    this(parameters, System.getenv(), InstantSource.system());
  }

  GoogleIdProvider(List<String> parameters, Map<String, String> environment, InstantSource clock) {
    Parameters given =
        new Parameters(
            NAME,
            parameters,
            Set.of("credentials-file", "timeout", "target-audience"),
            Set.of("credentials-watch", "adc"));
    boolean watch = given.isOn("credentials-watch", true);
    if (given.isOn("adc", false)) {
      Path found = defaultFile(environment);
      this.file = found == null ? null : new CredentialsFile(found, watch);
      this.audience = given.text("target-audience");
    } else {
      this.file = new CredentialsFile(given.file("credentials-file"), watch);
      this.audience = given.needed("target-audience");
    }
    this.metadata = environment.getOrDefault("GCE_METADATA_HOST", METADATA);
    this.http = new Http(given.seconds("timeout", 10));
    this.clock = clock;
  }

  private static @Nullable Path defaultFile(Map<String, String> environment) {
    String named = environment.get("GOOGLE_APPLICATION_CREDENTIALS");
    if (named != null && !named.isBlank()) {
      return Path.of(named);
    }
    String folder =
        environment.getOrDefault(
            "CLOUDSDK_CONFIG", environment.getOrDefault("HOME", "/") + "/.config/gcloud");
    Path file = Path.of(folder, "application_default_credentials.json");
    return Files.isRegularFile(file) ? file : null;
  }

  @Override
  public String token() throws LoginFailure {
    if (file == null) {
      return ofMetadata();
    }
    JsonObject credentials = file.content();
    String type = credentials.text("type");
    return switch (type == null ? "service_account" : type) {
      case "service_account" -> ofServiceAccount(file, credentials);
      case "authorized_user" -> ofUser(file, credentials);
      default ->
          throw new LoginFailure(
              file.name() + " is of type " + type + "; service_account and authorized_user work");
    };
  }

  private String ofServiceAccount(CredentialsFile of, JsonObject credentials) throws LoginFailure {
    TokenEndpoint endpoint = endpoint(of, credentials);
    String email = credentials.needed("client_email", of.name());
    Instant now = clock.instant();
    SignedJWT assertion =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(credentials.text("private_key_id"))
                .build(),
            new JWTClaimsSet.Builder()
                .issuer(email)
                .subject(email)
                .audience(endpoint.uri().toString())
                .claim("target_audience", neededAudience())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(ASSERTION_LIFE)))
                .build());
    try {
      assertion.sign(new RSASSASigner(key(credentials.needed("private_key", of.name()))));
    } catch (GeneralSecurityException | JOSEException | IllegalArgumentException e) {
      throw new LoginFailure(of.name() + " holds no usable RSA private_key", e);
    }
    return endpoint.read(
        endpoint.ask(Map.of("grant_type", ASSERTION, "assertion", assertion.serialize()), null),
        "id_token");
  }

  /** An RSA key of at least 2048 bits in PEM (PKCS#8). */
  private static PrivateKey key(String pem) throws GeneralSecurityException {
    String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    try {
      byte[] encoded = Base64.getDecoder().decode(base64);
      return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message shows a character of the key.
      throw new GeneralSecurityException("no PEM");
    }
  }

  private String ofUser(CredentialsFile of, JsonObject credentials) throws LoginFailure {
    TokenEndpoint endpoint = endpoint(of, credentials);
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "refresh_token");
    for (String name : List.of("client_id", "client_secret", "refresh_token")) {
      form.put(name, credentials.needed(name, of.name()));
    }
    return endpoint.read(endpoint.ask(form, null), "id_token");
  }

  private TokenEndpoint endpoint(CredentialsFile of, JsonObject credentials) throws LoginFailure {
    String uri = credentials.text("token_uri");
    return TokenEndpoint.of(http, uri == null ? ENDPOINT : uri, of.name());
  }

  private String ofMetadata() throws LoginFailure {
    String url = "http://" + metadata + IDENTITY + TokenEndpoint.encode(neededAudience());
    try {
      Http.Reply reply =
          http.send("GET", URI.create(url), Map.of("Metadata-Flavor", "Google"), null);
      if (!reply.ok()) {
        throw new LoginFailure("Google's metadata server refuses: " + reply.status());
      }
      return reply.body().strip();
    } catch (IOException e) {
      throw new LoginFailure(
          "there are no application default credentials: GOOGLE_APPLICATION_CREDENTIALS is not set,"
              + " gcloud has none, and no metadata server answers at "
              + metadata,
          e);
    }
  }

  private String neededAudience() throws LoginFailure {
    if (audience == null) {
      throw new LoginFailure(NAME + " needs --target-audience with these credentials");
    }
    return audience;
  }

  @Override
  public void close() {
    http.close();
  }
}
