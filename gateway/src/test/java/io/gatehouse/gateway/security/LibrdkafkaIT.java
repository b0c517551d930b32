package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Programs;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.PrincipalRules;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kcat and confluent-kafka-python, that is librdkafka and OpenSSL, with every mechanism. */
class LibrdkafkaIT {

  private static final Path KCAT = Path.of("/usr/bin/kcat");

  @TempDir Path folder;

  @Test
  void kcatConnectsWithEveryMechanism() throws Exception {
    assumeTrue(Files.isExecutable(KCAT), "kcat is not installed: testkit/clients/install.sh");
    Path users =
        Files.writeString(
            folder.resolve("users"),
            "alice:{plain}secret\nalice:SCRAM-SHA-256=[%s],SCRAM-SHA-512=[%s]\n"
                .formatted(
                    ScramCredential.of(ScramHash.SHA_256, "secret", 4096).toText(),
                    ScramCredential.of(ScramHash.SHA_512, "secret", 4096).toText()));
    UserFile file = new UserFile(users);
    Authentication sasl =
        FixedSource.sasl(
            List.of(
                new PlainMechanism(file),
                new ScramMechanism(ScramHash.SHA_256, file),
                new ScramMechanism(ScramHash.SHA_512, file),
                new OauthBearerMechanism(
                    new JwksVerifier(
                        JwksSettings.of(URI.create(Secured.idp().jwksUrl())),
                        TokenRules.of(Secured.idp().issuer(), Set.of("kafka"))))),
            Duration.ZERO);
    ServerTls tls = Secured.listenerTls();
    ServerTls mutual =
        new ServerTls(
            tls.key(),
            ServerTls.Clients.of(ClientAuth.REQUIRED, new TrustSource.Text(Secured.CA.pem())),
            Ciphers.DEFAULT);
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers("TLS"))
                .access(Access.PLAINTEXT.with(Secured.brokerTls()))
                .listener("sasl", Entry.OPEN.with(tls).with(sasl))
                .listener(
                    "mtls",
                    Entry.OPEN
                        .with(mutual)
                        .with(new Authentication.Open(new PrincipalRules("RULE:^CN=(.*)$/$1/"))))
                .start()) {
      for (var way : ways().entrySet()) {
        log.clear();
        String topic = Secured.topic("kcat");
        boolean certificate = way.getKey().equals("mTLS");
        String bootstrap = secured.bootstrap(certificate ? "mtls" : "sasl");
        kcat(bootstrap, way.getValue(), way.getKey(), "-P", "-t", topic);
        assertThat(kcat(bootstrap, way.getValue(), "", "-C", "-t", topic, "-e", "-o", "beginning"))
            .contains(way.getKey());
        log.await("User:alice");
      }
      log.clear();
      String topic = Secured.topic("python");
      assertThat(python(secured.bootstrap("sasl"), topic)).contains("read OAUTHBEARER");
      log.await("User:olga");
    }
  }

  /** Debian's kcat fetches no tokens itself; a program of confluent-kafka can give it one. */
  private String python(String bootstrap, String topic) throws Exception {
    Path program = Files.writeString(folder.resolve("client.py"), PROGRAM);
    return Programs.run(
        folder,
        "client",
        List.of(
            "/usr/bin/python3",
            program.toString(),
            bootstrap,
            trusted().toString(),
            Secured.idp().token("olga").sign(),
            topic),
        "");
  }

  private static final String PROGRAM =
      """
      import sys, time
      from confluent_kafka import Producer, Consumer
      bootstrap, trusted, token, topic = sys.argv[1:]
      common = {
          "bootstrap.servers": bootstrap,
          "security.protocol": "SASL_SSL",
          "ssl.ca.location": trusted,
          "sasl.mechanism": "OAUTHBEARER",
          "oauth_cb": lambda _: (token, time.time() + 300),
      }
      producer = Producer(common)
      producer.produce(topic, b"OAUTHBEARER")
      assert producer.flush(20) == 0
      consumer = Consumer({**common, "group.id": topic, "auto.offset.reset": "earliest"})
      consumer.subscribe([topic])
      end = time.time() + 20
      while time.time() < end:
          message = consumer.poll(0.2)
          if message is not None and message.error() is None:
              print("read", message.value().decode())
              break
      consumer.close()
      """;

  private Map<String, List<String>> ways() {
    Map<String, List<String>> ways = new LinkedHashMap<>();
    for (String mechanism : List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")) {
      ways.put(
          mechanism,
          List.of(
              "security.protocol=SASL_SSL",
              "sasl.mechanism=" + mechanism,
              "sasl.username=alice",
              "sasl.password=secret"));
    }
    PemFiles files = Secured.CA.client("alice").writePem(folder);
    ways.put(
        "mTLS",
        List.of(
            "security.protocol=SSL",
            "ssl.certificate.location=" + files.chain(),
            "ssl.key.location=" + files.key()));
    return ways;
  }

  private String kcat(String bootstrap, List<String> properties, String input, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(KCAT.toString(), "-b", bootstrap, "-q"));
    command.addAll(List.of("-X", "ssl.ca.location=" + trusted()));
    for (String property : properties) {
      command.addAll(List.of("-X", property));
    }
    command.addAll(List.of(arguments));
    return Programs.run(folder, "client", command, input);
  }

  private Path trusted() throws IOException {
    return Files.writeString(folder.resolve("trusted.crt"), Secured.CA.pem());
  }
}
