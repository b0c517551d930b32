package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.Stubborn;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client whose certificate is refused receives a TLS alert about the certificate (RFC 8446 # 6.2,
 * 42 to 48) and not internal_error.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RefusedCertificateTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Authority CA = Authority.create("Clients CA");

  @TempDir Path folder;

  /** Refused clients with the expected alerts. */
  private static Map<Credentials, String> refused(Credentials revoked) {
    Map<Credentials, String> all = new LinkedHashMap<>();
    all.put(revoked, "certificate_revoked");
    all.put(CA.issue("alice").clientOnly().expired().sign(), "certificate_expired");
    all.put(CA.issue("alice").clientOnly().notYetValid().sign(), "bad_certificate");
    all.put(CA.issue("alice").serverOnly().sign(), "unsupported_certificate");
    all.put(Authority.create("Another CA").client("alice"), "unknown_ca");
    all.put(Credentials.selfSigned("alice").sign(), "unknown_ca");
    all.put(CA.client("eve"), "certificate_unknown"); // not allowed by a rule
    return all;
  }

  @Test
  void boringSslSendsTheReason() throws Exception {
    refuse("no part is left out", true);
  }

  /** The JDK has one alert for all cases, as in a broker. */
  @Test
  void theJdkSendsCertificateUnknown() throws Exception {
    refuse("netty-tcnative", false);
  }

  private void refuse(String partLeftOut, boolean precise) throws Exception {
    PemFiles files = CA.server().writePem(Files.createDirectories(folder.resolve("certs")));
    Path trust = Files.writeString(folder.resolve("ca.pem"), CA.pem());
    Credentials revoked = CA.client("alice");
    CA.revoke(revoked);
    Path crl = folder.resolve("crl.pem");
    CA.writeCrl(crl);
    Path config =
        Files.writeString(
            folder.resolve("gatehouse.yaml"),
            """
            upstream: {bootstrapServers: "127.0.0.1:1"}
            listeners:
              - mapping: [{broker: "127.0.0.1:1", listen: "127.0.0.1:0"}]
                tls:
                  certificate: "%s"
                  key: "%s"
                  trust: "%s"
                  crl: "%s"
                  subjectRules: ["s:/CN=[alice]"]
            http: {enabled: false}
            """
                .formatted(files.chain(), files.key(), trust, crl));
    try (ProgramProcess program =
        ProgramProcess.startWithout(partLeftOut, Map.of(), "run", "--config", config.toString())) {
      int port = Integer.parseInt(program.await("clients bootstrap at [\\w.]+:(\\d+)"));
      for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
        refused(revoked)
            .forEach((who, alert) ->
                assertThat(told(port, who, version))
                    .as("%s %s %s", version, who.certificate().getSubjectX500Principal(), alert)
                    .contains("fatal alert: " + (precise ? alert : "certificate_unknown")));
      }
      program.await("(gatehouse.audit - login .*mechanism=SSL result=bad_credentials .*CN=eve)");
    }
  }

  private static String told(int port, Credentials who, String version) {
    Throwable end =
        catchThrowable(() -> {
          try (RawClient client = Stubborn.connect(port, who, version)) {
            // Sends nothing, so that the alert is not lost with a reset.
            var _ = client.read(1, LIMIT);
          }
        });
    return String.valueOf(end);
  }
}
