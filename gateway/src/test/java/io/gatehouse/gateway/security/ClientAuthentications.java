package io.gatehouse.gateway.security;

import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.kerberos.GssapiMechanism;
import io.gatehouse.auth.sasl.kerberos.GssapiSettings;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramMechanism;
import io.gatehouse.auth.sasl.token.JwksSettings;
import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.auth.sasl.token.TokenRules;
import io.gatehouse.auth.sasl.users.UserFile;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.PrincipalRules;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All kinds of client authentication: the gateway's listeners, and the clients' properties. */
record ClientAuthentications(Authority ca, TokenServer idp, Kdc kdc, Path folder) {

  private static final String PASSWORD = "alice-secret";

  /** The listeners, each called after its protocol. */
  Map<String, Entry> listeners() throws IOException {
    PemFiles key = ca.server().writePem(Files.createDirectories(folder.resolve("down")));
    ServerTls tls =
        new ServerTls(
            new KeySource.Pem(key.chain(), key.key(), null),
            ServerTls.Clients.of(ClientAuth.OPTIONAL, new TrustSource.Pem(key.authority(), false)),
            Ciphers.DEFAULT);
    Authentication sasl = FixedSource.sasl(mechanisms(), Duration.ZERO);
    return Map.of(
        "PLAINTEXT", Entry.OPEN,
        "SSL",
            Entry.OPEN
                .with(tls)
                .with(new Authentication.Open(new PrincipalRules("RULE:^CN=([a-z]+).*$/$1/"))),
        "SASL_PLAINTEXT", Entry.OPEN.with(sasl),
        "SASL_SSL", Entry.OPEN.with(tls).with(sasl));
  }

  private List<SaslMechanism> mechanisms() throws IOException {
    Path users = folder.resolve("users");
    Files.writeString(
        users,
        "alice:{plain}alice-secret\nalice:SCRAM-SHA-256=[%s],SCRAM-SHA-512=[%s]\n"
            .formatted(
                ScramCredential.of(ScramHash.SHA_256, PASSWORD, 4096).toText(),
                ScramCredential.of(ScramHash.SHA_512, PASSWORD, 4096).toText()));
    UserFile file = new UserFile(users);
    String service = "kafka/localhost";
    return List.of(
        new PlainMechanism(file),
        new ScramMechanism(ScramHash.SHA_256, file),
        new ScramMechanism(ScramHash.SHA_512, file),
        new OauthBearerMechanism(
            new JwksVerifier(
                JwksSettings.of(URI.create(idp.jwksUrl())),
                TokenRules.of(idp.issuer(), Set.of("kafka")))),
        new GssapiMechanism(GssapiSettings.of(kdc.principal(service), kdc.keytab(service))));
  }

  /** Clients' properties by the name of the authentication. */
  Map<String, Map<String, Object>> clients() {
    Map<String, Map<String, Object>> ways = new LinkedHashMap<>();
    ways.put("PLAINTEXT", Map.of());
    ways.put("SSL", tls(null));
    ways.put("SSL with certificate", tls(ca.client("alice")));
    for (String protocol : List.of("SASL_PLAINTEXT", "SASL_SSL")) {
      Map<String, Object> base = protocol.equals("SASL_SSL") ? tls(null) : Map.of();
      for (Map<String, Object> login : logins()) {
        Map<String, Object> properties = new HashMap<>(base);
        properties.putAll(login);
        properties.put("security.protocol", protocol);
        ways.put(protocol + " " + properties.get("sasl.mechanism"), properties);
      }
    }
    return ways;
  }

  private List<Map<String, Object>> logins() {
    return List.of(
        AuthenticationProperties.plain("alice", PASSWORD),
        AuthenticationProperties.scram("SCRAM-SHA-256", "alice", PASSWORD),
        AuthenticationProperties.scram("SCRAM-SHA-512", "alice", PASSWORD),
        AuthenticationProperties.token(idp.token("alice").sign()),
        AuthenticationProperties.kerberos(kdc, "alice"));
  }

  private Map<String, Object> tls(@Nullable Credentials client) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("security.protocol", "SSL");
    properties.put("ssl.truststore.type", "PEM");
    properties.put("ssl.truststore.certificates", ca.pem());
    if (client != null) {
      properties.put("ssl.keystore.type", "PEM");
      properties.put("ssl.keystore.certificate.chain", client.chainPem());
      properties.put("ssl.keystore.key", client.keyPem());
    }
    return properties;
  }
}
