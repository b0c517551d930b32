package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.User;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A cluster, and stores in its topics. Its classes run at the same time, in several JVMs. */
abstract class StoreOnKafka {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  static KafkaCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 3)
            .with("default.replication.factor", "3")
            .with("unclean.leader.election.enable", "true")
            .with("log.cleaner.backoff.ms", "200")
            .with(Listener.sasl("SASL").plain("gateway", "secret"))
            .withAuthorizer()
            .start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  static Map<String, Object> properties() {
    return cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none());
  }

  static KafkaPlace place(String topic) {
    KafkaAccess access = _ -> properties();
    return new KafkaPlace(access, "main", topic, -1);
  }

  static KafkaStore open(String topic) throws Exception {
    KafkaStore store = KafkaStore.open(place(topic), null);
    store.loaded().get(60, TimeUnit.SECONDS);
    return store;
  }

  static ServiceAccount account(String name, int version) {
    return new ServiceAccount(
        new User("passthrough", name), ServiceAccount.Type.EXTERNAL, List.of(name + "-" + version));
  }

  static int version(Store store, String name) {
    ServiceAccount now = store.current().get(account(name, 0).key(), ServiceAccount.class);
    return now == null
        ? 0
        : Integer.parseInt(now.externalNames().getFirst().substring(name.length() + 1));
  }

  static Snapshot increment(Store store, String name) throws StoreException {
    return store.update(now -> {
      ServiceAccount found = now.get(account(name, 0).key(), ServiceAccount.class);
      int before =
          found == null
              ? 0
              : Integer.parseInt(found.externalNames().getFirst().substring(name.length() + 1));
      return Change.put(now, account(name, before + 1));
    });
  }

  static Set<String> state(Store store) {
    return store.current().all().map(Object::toString).collect(Collectors.toSet());
  }

  static void set(String topic, Map<String, String> configs) throws Exception {
    List<AlterConfigOp> all =
        configs.entrySet().stream()
            .map(one ->
                new AlterConfigOp(
                    new ConfigEntry(one.getKey(), one.getValue()), AlterConfigOp.OpType.SET))
            .toList();
    try (Admin admin = Admin.create(properties())) {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), all))
          .all()
          .get(1, TimeUnit.MINUTES);
    }
  }

  static void isRefused(String topic, String... parts) {
    isRefused(place(topic), parts);
  }

  static void isRefused(KafkaPlace place, String... parts) {
    KafkaStore store = KafkaStore.open(place, null);
    try (store) {
      assertThatThrownBy(() -> store.loaded().get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(StoreException.class)
          .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
  }
}
