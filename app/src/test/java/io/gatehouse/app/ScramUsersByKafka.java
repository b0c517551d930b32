package io.gatehouse.app;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** Kafka's admin client, as it changes credentials. */
record ScramUsersByKafka(Admin admin) implements AutoCloseable {

  void alter(UserScramCredentialAlteration... alterations) throws Exception {
    admin.alterUserScramCredentials(List.of(alterations)).all().get(1, TimeUnit.MINUTES);
  }

  /** The failure of a user. */
  @Nullable Throwable failure(String user, UserScramCredentialAlteration... alterations) {
    return Assertions.catchThrowableOfType(
            ExecutionException.class,
            () ->
                Objects.requireNonNull(
                        admin.alterUserScramCredentials(List.of(alterations)).values().get(user))
                    .get(1, TimeUnit.MINUTES))
        .getCause();
  }

  static UserScramCredentialUpsertion set(
      String user, ScramMechanism mechanism, int iterations, String password) {
    return new UserScramCredentialUpsertion(
        user, new ScramCredentialInfo(mechanism, iterations), password);
  }

  @Override
  public void close() {
    admin.close();
  }
}
