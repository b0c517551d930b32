package io.gatehouse.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** Creates SCRAM credentials in a running cluster (KIP-554). */
final class ScramUsers {

  private static final int DESCRIBE_USER_SCRAM_CREDENTIALS = 50;
  private static final int ITERATIONS = 4096; // the minimum that Kafka accepts
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private ScramUsers() {}

  /** Creates the credentials and waits until every broker knows them. */
  static void create(KafkaCluster cluster, List<Listener.ScramUser> users) {
    List<UserScramCredentialAlteration> alterations =
        users.stream()
            .distinct()
            .<UserScramCredentialAlteration>map(user ->
                new UserScramCredentialUpsertion(
                    user.name(),
                    new ScramCredentialInfo(
                        ScramMechanism.fromMechanismName(user.mechanism()), ITERATIONS),
                    user.password()))
            .toList();
    try {
      cluster
          .admin()
          .alterUserScramCredentials(alterations)
          .all()
          .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot create SCRAM users", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating SCRAM users", e);
    }
    Deadline deadline = Deadline.in(LIMIT);
    for (KafkaBroker broker : cluster.brokers()) {
      while (!knows(broker, users)) {
        if (deadline.isOver()) {
          throw new IllegalStateException(broker + " does not learn of the SCRAM users");
        }
        Deadline.pause();
      }
    }
  }

  private static boolean knows(KafkaBroker broker, List<Listener.ScramUser> users) {
    try (RawClient client = RawClient.connect(broker.host(), broker.port())) {
      client.request(
          RawClient.Header.V2, DESCRIBE_USER_SCRAM_CREDENTIALS, 0, new byte[] {0, 0}); // all users
      String answer = new String(client.readFrame(LIMIT), StandardCharsets.ISO_8859_1);
      return users.stream()
          .map(user ->
              new String(user.name().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
          .allMatch(answer::contains);
    } catch (IOException e) {
      return false;
    }
  }
}
