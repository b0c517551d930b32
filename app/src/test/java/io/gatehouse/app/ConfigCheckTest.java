package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.PemFiles;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Problems in files that {@code config --check} reports, and the format of warnings. */
class ConfigCheckTest {

  private static final Authority CA = Authority.create("Check CA");

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return Main.execute(
        new ProgramContext(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of()),
        arguments);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private PemFiles pem(String name) throws Exception {
    return CA.server().writePem(Files.createDirectories(folder.resolve(name)));
  }

  private Path write(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void reportsAllProblemsOfFiles() throws Exception {
    PemFiles one = pem("one");
    PemFiles other = pem("other");
    Path junk = write("junk.pem", "no PEM");
    Path users = write("users", "alice");
    Path keys = write("keys.json", "{}");
    Path program = write("program", "not executable");
    Path config =
        write(
            "gatehouse.yaml",
            """
            upstream:
              bootstrapServers: k:1
              tls: {trust: %1$s/missing-ca.pem}
            upstreams:
              other:
                bootstrapServers: k:2
                properties: {security.protocol: SSL, ssl.truststore.location: %1$s/missing.jks}
            listeners:
              - name: mismatched
                ports: {brokers: 10001, count: 1}
                tls: {certificate: %2$s, key: %3$s}
              - name: unreadable
                ports: {brokers: 10011, count: 1}
                tls:
                  certificate: %1$s/missing.crt
                  key: %1$s/missing.key
                  trust: %4$s
                  crl: %1$s/missing.crl
                  sameCertificateAs: %1$s/missing-same.pem
              - name: store
                ports: {brokers: 10021, count: 1}
                tls: {keyStore: %1$s/missing.p12, keyStorePassword: secret-of-store}
              - name: verifiers
                ports: {brokers: 10031, count: 1}
                authentication:
                  mechanisms:
                    - {name: PLAIN, users: %5$s}
                    - {name: OAUTHBEARER, jwks: {url: "file://%6$s"}}
                    - {name: SCRAM-SHA-256, users: %1$s/missing-users}
                    - {name: GSSAPI, kerberos: {principal: kafka/h@R, keytab: %1$s/missing.keytab}}
              - name: plugins
                ports: {brokers: 10041, count: 1}
                authentication:
                  mechanisms:
                    - {name: PLAIN, plugin: {program: %7$s}}
                    - {name: OAUTHBEARER, plugin: {program: no-such-program-anywhere}}
            """
                .formatted(folder, one.chain(), other.key(), junk, users, keys, program));
    assertThat(run("config", "--check", "--config", config.toString())).isEqualTo(1);
    assertThat(err().lines().toList())
        .anyMatch(line -> line.contains("upstream.tls.trust: ") && line.contains("missing-ca.pem"))
        .anyMatch(line -> line.contains("upstreams.other.properties: ") && line.contains("jks"))
        .anyMatch(line ->
            line.contains("listeners[0].tls.certificate: ")
                && line.contains("belongs to the private key"))
        .anyMatch(line -> line.contains("listeners[1].tls.certificate: "))
        .anyMatch(line -> line.contains("listeners[1].tls.key: "))
        .anyMatch(line -> line.contains("listeners[1].tls.trust: "))
        .anyMatch(line -> line.contains("listeners[1].tls.crl: "))
        .anyMatch(line -> line.contains("listeners[1].tls.sameCertificateAs: "))
        .anyMatch(line -> line.contains("listeners[2].tls.keyStore: "))
        .anyMatch(line -> line.contains("listeners[3].authentication.mechanisms[0]: "))
        .anyMatch(line -> line.contains("listeners[3].authentication.mechanisms[1].jwks.url: "))
        .anyMatch(line -> line.contains("listeners[3].authentication.mechanisms[2]: "))
        .anyMatch(line -> line.contains("listeners[3].authentication.mechanisms[3]: "))
        .anyMatch(
            line -> line.contains("listeners[4].authentication.mechanisms[0].plugin.program: "))
        .anyMatch(
            line -> line.contains("listeners[4].authentication.mechanisms[1].plugin.program: "))
        .hasSize(16);
    assertThat(err()).contains("the configuration has 15 problems").doesNotContain("secret-of");
  }

  @Test
  void reportsTheFlagOfAnUnusableFile() throws Exception {
    assertThat(
            run(
                "config",
                "--check",
                "server",
                "--bootstrap-server-mapping=k:9092,127.0.0.1:0",
                "--proxy-listener-tls-enable",
                "--proxy-listener-cert-file=" + folder + "/missing.crt",
                "--proxy-listener-key-file=" + pem("one").key()))
        .isEqualTo(1);
    assertThat(err()).contains("--proxy-listener-cert-file: ", "there is no such file");
  }

  @Test
  void validFilesAreAccepted() throws Exception {
    PemFiles one = pem("one");
    Path config =
        write(
            "gatehouse.yaml",
            """
            upstream: {bootstrapServers: k:1, tls: {trust: %s}}
            listeners:
              - tls: {certificate: %s, key: %s, trust: %s, crl: %s}
            """
                .formatted(
                    one.authority(),
                    one.chain(),
                    one.key(),
                    one.authority(),
                    CA.writeCrl(folder.resolve("crl.pem"))));
    assertThat(run("config", "--check", "--config", config.toString())).as(err()).isZero();
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void warningsUseTheLogFormat() throws Exception {
    Path config =
        write(
            "gatehouse.yaml",
            """
            upstream: {bootstrapServers: "127.0.0.1:1"}
            listeners:
              - mapping: [{broker: "127.0.0.1:1", listen: "127.0.0.1:0"}]
                authentication:
                  mechanisms:
                    - name: PLAIN
                      ldap: {url: "ldaps://127.0.0.1:1", insecureSkipVerify: true, userDn: dc=x}
            http: {enabled: false}
            log: {format: json}
            """);
    try (ProgramProcess program =
        ProgramProcess.start(Map.of(), "run", "--config", config.toString())) {
      program.await("(clients bootstrap at)");
      assertThat(program.output()).contains("LDAP certificates are not verified");
      assertThat(program.output().lines()).allMatch(line -> line.startsWith("{"));
    }
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void invalidSettingsAreNotOpened() throws Exception {
    Path config =
        write(
            "gatehouse.yaml",
            """
            upstream: {bootstrapServers: k:1, unknown: x}
            listeners:
              - authentication:
                  mechanisms:
                    - name: PLAIN
                      ldap: {url: "ldaps://127.0.0.1:1", insecureSkipVerify: true, userDn: dc=x}
            """);
    try (ProgramProcess program =
        ProgramProcess.start(Map.of(), "run", "--config", config.toString())) {
      assertThat(program.exitCode()).isEqualTo(1);
      assertThat(program.output())
          .contains("no key upstream.unknown")
          .doesNotContain("LDAP certificates are not verified");
    }
  }
}
