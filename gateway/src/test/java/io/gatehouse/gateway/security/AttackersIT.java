package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.users.UserFile;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.JavaClients;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.RawClient;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One address guesses passwords ten thousand times without affecting others. */
class AttackersIT {

  private static final int GUESSES = 10_000;
  private static final int AT_ONCE = 200;
  private static final int LOGINS = 100;

  @TempDir Path folder;

  @Test
  void tenThousandGuessesDoNotAffectOtherClients() throws Exception {
    Path users = Files.writeString(folder.resolve("users"), "alice:{plain}alice-secret\n");
    Entry entry =
        Entry.OPEN.with(
            FixedSource.sasl(List.of(new PlainMechanism(new UserFile(users))), Duration.ZERO));
    String topic = Secured.topic("attacked");
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers()).listener("x", entry).start()) {
      Map<String, Object> properties =
          Secured.client(
              secured.bootstrap("x"),
              "SASL_PLAINTEXT",
              AuthenticationProperties.plain("alice", "alice-secret"));
      JavaClients clients = new JavaClients(HostPort.parse(secured.bootstrap("x")));
      Ledger ledger = Ledger.openSlow(topic, clients.producer(properties));
      ledger.awaitMore(10);

      AtomicInteger left = new AtomicInteger(GUESSES);
      AtomicInteger refused = new AtomicInteger();
      List<Task<Boolean>> guessing = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        guessing.add(
            Task.start(() -> {
              while (left.getAndDecrement() > 0) {
                try (RawClient client = ProxyHeaderTest.from("127.0.0.2", secured.port("x"))) {
                  // Refused with the right password too, so that a guess is not confirmed.
                  String guess = left.get() % 100 == 50 ? "alice-secret" : "x";
                  if (RawSasl.plain(client, "alice", guess) != 0) { // or no answer: throttled
                    refused.incrementAndGet();
                  }
                } catch (SocketTimeoutException e) {
                  // it may be delayed
                }
              }
            }));
      }
      int successes = 0;
      int during = 0;
      while (left.get() > 0 || successes < LOGINS) {
        boolean attacked = left.get() > 0;
        try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
          assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
          successes++;
          during += attacked ? 1 : 0;
        }
      }
      guessing.forEach(task -> task.join(Duration.ofMinutes(1)));
      assertThat(refused.get()).as("guesses refused").isBetween(GUESSES * 9 / 10, GUESSES);
      assertThat(during).as("logins while it guessed").isGreaterThan(LOGINS / 10);
      assertThat(
              secured.authentications("x", "PLAIN", "bad_credentials")
                  + secured.authentications("x", "PLAIN", "throttled"))
          .as("counted")
          .isBetween(refused.get(), GUESSES);
      assertThat(secured.authentications("x", "PLAIN", "throttled")).isGreaterThan(GUESSES / 2);
      assertThat(log.lines())
          .filteredOn(line -> line.startsWith("WARN"))
          .hasSizeBetween(5, 200)
          .allMatch(line -> line.contains("/127.0.0.2:"));
      Await.within(
          Duration.ofSeconds(40),
          () -> secured.gateway().metrics().openConnections() + " connections are left",
          () -> secured.gateway().metrics().openConnections() < 10);
      ledger.awaitMore(10);
      try (KafkaConsumer<String, String> reader = clients.consumer(properties)) {
        ledger.closeAndCompare(reader);
      }
    }
  }
}
