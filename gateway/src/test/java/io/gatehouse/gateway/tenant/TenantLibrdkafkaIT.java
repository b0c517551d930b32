package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.gateway.fixture.Programs;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** librdkafka, by kcat and confluent-kafka-python, in two virtual clusters with equal names. */
class TenantLibrdkafkaIT {

  private static Tenancy tenancy;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Librdkafka.isInstalled(), "kcat is not installed: testkit/clients/install.sh");
    tenancy = Tenancy.start();
  }

  @AfterAll
  static void stop() {
    if (tenancy != null) {
      tenancy.close();
    }
  }

  @AfterEach
  void nothingLeaked() throws Exception {
    tenancy.checkNothingLeaked();
  }

  private static List<Party> tenants() {
    return List.of(tenancy.alice(), tenancy.bob());
  }

  @Test
  void kcatProducesConsumesAndLists() throws Exception {
    String topic = RealCluster.newName("orders");
    tenancy.brokers().createTopic(Tenancy.ALICES.toBroker(topic), 2, 1);
    tenancy.brokers().createTopic(Tenancy.BOBS.toBroker(topic), 3, 1);
    for (Party one : tenants()) {
      kcat(one, one.token() + "\n", "-P", "-t", topic);
    }
    for (Party one : tenants()) {
      assertThat(kcat(one, "", "-C", "-t", topic, "-e", "-o", "beginning").strip())
          .isEqualTo(one.token());
      assertThat(
              kcat(
                  one, "", "-G", topic + "-group", "-e", "-X", "auto.offset.reset=earliest", topic))
          .contains(one.token());
      assertThat(kcat(one, "", "-L"))
          .contains("topic \"" + topic + "\" with " + (one == tenancy.alice() ? 2 : 3))
          .doesNotContain("prefixof");
      assertThat(kcat(one, "", "-Q", "-t", topic + ":0:-1")).contains(topic);
    }
    assertThat(kcat(tenancy.carol(), "", "-L"))
        .contains("\"prefixofalice." + topic + "\"", "\"prefixofbob." + topic + "\"");
  }

  private String kcat(Party party, String input, String... arguments) throws Exception {
    return Librdkafka.kcat(party, folder, input, arguments);
  }

  @Test
  void pythonDoesAllAtTheSameTime() throws Exception {
    String topic = RealCluster.newName("orders");
    Path program = Files.writeString(folder.resolve("client.py"), PROGRAM);
    List<Task<String>> running = new ArrayList<>();
    for (Party one : tenants()) {
      List<String> command =
          List.of(
              "/usr/bin/python3",
              program.toString(),
              one.bootstrap().toString(),
              one.user(),
              topic);
      running.add(Task.call(() -> Programs.run(folder, one.user(), command, "")));
    }
    for (int i = 0; i < 2; i++) {
      String token = tenants().get(i).token();
      assertThat(running.get(i).join(Duration.ofSeconds(60)).lines())
          .contains(
              "topics " + topic,
              "group read 30 of " + token,
              "committed 30",
              "transaction read 10 of " + token,
              "unknown UNKNOWN_TOPIC_OR_PART",
              "deleted");
    }
  }

  private static final String PROGRAM =
      """
      import sys, time
      from confluent_kafka import Producer, Consumer, TopicPartition, KafkaException
      from confluent_kafka.admin import AdminClient, NewTopic, ConfigResource
      bootstrap, user, topic = sys.argv[1:]
      token = "tokenof" + user
      common = {
          "bootstrap.servers": bootstrap,
          "security.protocol": "SASL_PLAINTEXT",
          "sasl.mechanism": "PLAIN",
          "sasl.username": user,
          "sasl.password": "any",
          "client.id": token + "-python",
      }
      admin = AdminClient(common)
      admin.create_topics([NewTopic(topic, 2, 1)])[topic].result(20)
      end = time.time() + 20
      while topic not in admin.list_topics(timeout=20).topics and time.time() < end:
          time.sleep(0.05)
      names = [t for t in admin.list_topics(timeout=20).topics if topic in t]
      print("topics", *names)
      admin.describe_configs([ConfigResource("topic", topic)])
      admin.list_groups(timeout=20)

      def produce(settings, count, ending):
          producer = Producer({**common, **settings})
          if ending:
              producer.init_transactions(20)
              producer.begin_transaction()
          for i in range(count):
              producer.produce(topic, token, str(i))
          if ending == "commit":
              producer.commit_transaction(20)
          elif ending == "abort":
              producer.flush(20)
              producer.abort_transaction(20)
          assert producer.flush(20) == 0

      def consume(what, group, count):
          consumer = Consumer({**common, "group.id": group, "auto.offset.reset": "earliest",
              "group.instance.id": token + "-instance", "enable.auto.commit": False})
          consumer.subscribe(["^" + topic + ".*"])
          end = time.time() + 30
          values = []
          while len(values) < count and time.time() < end:
              message = consumer.poll(0.2)
              if message is not None and message.error() is None:
                  values.append(message.value().decode())
          print(what, "read", len(values), "of", *set(values))
          consumer.commit(asynchronous=False)
          parts = [TopicPartition(topic, p) for p in range(2)]
          done = sum(max(0, p.offset) for p in consumer.committed(parts, 20))
          consumer.close()
          return done

      produce({"acks": "all"}, 30, None)
      print("committed", consume("group", topic + "-group", 30))
      produce({"transactional.id": topic + "-transactional"}, 50, "abort")
      produce({"transactional.id": topic + "-transactional"}, 10, "commit")
      consume("transaction", topic + "-group", 10)
      try:
          admin.delete_topics([topic + "-unknown"])[topic + "-unknown"].result(20)
      except KafkaException as e:
          print("unknown", e.args[0].name())
      admin.delete_topics([topic])[topic].result(20)
      print("deleted")
      """;
}
