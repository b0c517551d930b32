package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.JavaClients;
import io.gatehouse.gateway.fixture.Mirror;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.FailoverSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.KafkaBroker;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.SteadyClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of one cluster are directed to another one, of other node ids, and back. */
class ClusterSwitchIT {

  private static final String FAILOVER = "failover";
  private static final int PARTITIONS = 4;

  private static KafkaCluster main;
  private static KafkaCluster failover;
  private static Ports ports;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    main = RealCluster.get();
    failover = KafkaCluster.of(KafkaVersion.V4_4, 2).withFirstId(101).start();
    ports = Ports.contiguous(6);
    int first = ports.get(0);
    ListenerSettings listener =
        new ListenerSettings(
            "proxy",
            "127.0.0.1",
            "localhost",
            new Routing.ByNodeId(
                new PortPlan.Pair(first, first), PortPlan.from(first + 1).limited(5), 1));
    GatewaySettings one =
        new Setup().refresh(Duration.ofSeconds(1)).settings(RealCluster.servers(main), listener);
    Map<String, UpstreamSettings> upstreams = new LinkedHashMap<>();
    upstreams.put(Entry.MAIN, one.upstream().withFailover(new FailoverSettings(FAILOVER, null)));
    upstreams.put(FAILOVER, UpstreamSettings.of(RealCluster.servers(failover)));
    gateway =
        Gateway.start(new GatewaySettings(upstreams, one.listeners(), one.traffic(), one.drain()));
    FakeCluster.awaitKnown(gateway);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    ports.close();
    failover.close();
  }

  private static JavaClients clients() {
    return new JavaClients(new HostPort("localhost", ports.get(0)));
  }

  private static JavaClients direct(KafkaCluster cluster) {
    return new JavaClients(RealCluster.servers(cluster).getFirst());
  }

  /** Creates a topic on both clusters whose leader epochs are higher on the main cluster. */
  private static String newTopic() throws Exception {
    String topic = RealCluster.newName("switched");
    main.createTopic(topic, PARTITIONS, 3);
    main.awaitInSync(topic);
    failover.createTopic(topic, PARTITIONS, 2);
    return topic;
  }

  /** A member that the cluster it has left forgets soon. */
  private static Map<String, Object> consumer(String group, String protocol) {
    return protocol.equals("consumer")
        ? Map.of("group.id", group, "group.protocol", protocol)
        : Map.of("group.id", group, "session.timeout.ms", 6000, "heartbeat.interval.ms", 1000);
  }

  /** Changes the leader of each partition a few times, which raises the leader epochs. */
  private static void raiseEpochs(String topic) throws Exception {
    for (int first : List.of(1, 2, 3)) {
      List<Integer> replicas = List.of(first, first % 3 + 1, (first + 1) % 3 + 1);
      Map<TopicPartition, Optional<NewPartitionReassignment>> all = new HashMap<>();
      for (int i = 0; i < PARTITIONS; i++) {
        all.put(new TopicPartition(topic, i), Optional.of(new NewPartitionReassignment(replicas)));
      }
      main.admin().alterPartitionReassignments(all).all().get(20, TimeUnit.SECONDS);
      var _ =
          main.admin()
              .electLeaders(ElectionType.PREFERRED, all.keySet())
              .partitions()
              .get(20, TimeUnit.SECONDS);
    }
    main.awaitInSync(topic);
  }

  /** Produces numbered records with one producer, and keeps those that were acknowledged. */
  private static final class Writer implements AutoCloseable {
    final Queue<String> acked = new ConcurrentLinkedQueue<>();
    final Queue<Exception> failed = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Task<Boolean> writing;

    Writer(KafkaProducer<String, String> producer, String topic) {
      writing = Task.start(() -> write(producer, topic));
    }

    private void write(KafkaProducer<String, String> producer, String topic) {
      try (producer) {
        for (int i = 0; !enough.get(); i++) {
          String value = String.valueOf(i);
          producer.send(
              new ProducerRecord<>(topic, i % PARTITIONS, value, value),
              (_, failure) -> {
                if (failure != null) {
                  failed.add(failure);
                } else {
                  acked.add(value);
                }
              });
          Await.pause();
        }
      }
    }

    void awaitMore(int count) {
      int goal = acked.size() + count;
      Await.within(
          Duration.ofSeconds(40),
          () -> acked.size() + " of " + goal + ", failed " + failed,
          () -> acked.size() >= goal);
    }

    void stop() {
      enough.set(true);
      var _ = writing.join();
    }

    @Override
    public void close() {
      stop();
    }
  }

  /** Reads as a member of a group, commits, and notes the first record that was read again. */
  private static final class Reader implements AutoCloseable {
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    final AtomicInteger earliestAgain = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Task<Boolean> reading;

    Reader(KafkaConsumer<String, String> consumer, String topic) {
      reading = Task.start(() -> read(consumer, topic));
    }

    private void read(KafkaConsumer<String, String> consumer, String topic) {
      try (consumer) {
        consumer.subscribe(List.of(topic));
        while (!enough.get()) {
          for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(100))) {
            if (!seen.add(each.value())) {
              earliestAgain.accumulateAndGet(Integer.parseInt(each.value()), Math::min);
            }
          }
          consumer.commitAsync((_, _) -> {});
        }
      }
    }

    void awaitAll(Collection<String> values) {
      Set<String> all = Set.copyOf(values);
      Await.within(
          Duration.ofSeconds(40),
          () -> {
            if (reading.isDone()) {
              var _ = reading.join();
            }
            return all.stream().filter(one -> !seen.contains(one)).count()
                + " of "
                + all.size()
                + " not read";
          },
          () -> reading.isDone() || seen.containsAll(all));
    }

    @Override
    public void close() {
      enough.set(true);
      var _ = reading.join();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void clientsContinueOnTheOtherClusterAndBack(String protocol) throws Exception {
    String topic = newTopic();
    raiseEpochs(topic);
    String group = RealCluster.newName("group");
    try (Mirror mirror = Mirror.start(direct(main), direct(failover), topic, PARTITIONS, group);
        Writer writer = new Writer(clients().producer(Map.of("acks", "all")), topic);
        Reader reader = new Reader(clients().consumer(consumer(group, protocol)), topic)) {
      writer.awaitMore(800);
      reader.awaitAll(writer.acked);

      assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isTrue();
      assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isFalse();
      assertThat(gateway.failovers())
          .containsExactly(new FailoverState(Entry.MAIN, FAILOVER, FAILOVER));
      writer.awaitMore(500);
      reader.awaitAll(writer.acked);
      assertThat(reader.earliestAgain.get()).as("first record read again").isGreaterThan(200);
      try (Admin admin = clients().admin()) {
        assertThat(
                admin.describeCluster().nodes().get(20, TimeUnit.SECONDS).stream()
                    .map(Node::id)
                    .collect(Collectors.toSet()))
            .isEqualTo(Set.of(1, 2));
        assertThat(
                admin
                    .describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(20, TimeUnit.SECONDS)
                    .values()
                    .iterator()
                    .next()
                    .partitions())
            .allSatisfy(one ->
                assertThat(one.replicas()).extracting(Node::id).containsExactlyInAnyOrder(1, 2));
      }
      mirror.stop();

      assertThat(gateway.switchTo(Entry.MAIN, Entry.MAIN)).isTrue();
      writer.awaitMore(100);
      // What the other cluster has got in the end is not replicated back.
      Set<String> before = Set.copyOf(writer.acked);
      writer.awaitMore(300);
      writer.stop();
      reader.awaitAll(writer.acked.stream().filter(one -> !before.contains(one)).toList());
      if (protocol.equals("classic")) { // see docs/failover.md
        assertThat(reader.earliestAgain.get()).as("first record read again").isGreaterThan(200);
      }
      assertThat(writer.failed).isEmpty();
    } finally {
      gateway.switchTo(Entry.MAIN, Entry.MAIN);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void librdkafkaContinuesOnTheOtherClusterAndBack(boolean idempotent) throws Exception {
    String topic = newTopic();
    raiseEpochs(topic);
    String group = RealCluster.newName("group");
    try (Mirror mirror = Mirror.start(direct(main), direct(failover), topic, PARTITIONS, group);
        SteadyClient client =
            SteadyClient.start(
                "localhost:" + ports.get(0), topic, group, "enable.idempotence=" + idempotent)) {
      awaitMore(client, 800);
      awaitRead(client, client.acked());

      assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isTrue();
      awaitMore(client, 300);
      awaitRead(client, client.acked());
      assertThat(client.earliestAgain()).as("first record read again").isGreaterThan(200);
      mirror.stop();

      assertThat(gateway.switchTo(Entry.MAIN, Entry.MAIN)).isTrue();
      awaitMore(client, 100);
      Set<String> before = Set.copyOf(client.acked());
      awaitMore(client, 300);
      awaitRead(client, client.acked().stream().filter(one -> !before.contains(one)).toList());
      assertThat(client.earliestAgain()).as("first record read again").isGreaterThan(200);
      client.stop();
      assertThat(client.others()).noneMatch(line -> line.startsWith("failed"));
    } finally {
      gateway.switchTo(Entry.MAIN, Entry.MAIN);
    }
  }

  private static void awaitMore(SteadyClient client, int count) {
    int goal = client.acked().size() + count;
    Await.within(
        Duration.ofSeconds(40),
        () -> client.acked().size() + " of " + goal + ", said " + client.others(),
        () -> {
          assertThat(client.isRunning()).as("%s", client.others()).isTrue();
          return client.acked().size() >= goal;
        });
  }

  /**
   * A client that was switched back soon waits until its group has lost the member that it was: 45
   * seconds, by default.
   */
  private static void awaitRead(SteadyClient client, Collection<String> values) {
    Set<String> all = Set.copyOf(values);
    Await.within(
        Duration.ofSeconds(70),
        () ->
            all.stream().filter(one -> !client.read().contains(one)).count()
                + " of "
                + all.size()
                + " not read, said "
                + client.others(),
        () -> client.read().containsAll(all));
  }

  /** Both clusters number producers from 0, and remember their sequence numbers. */
  @Test
  void anIdempotentProducerIsNewToEachClusterItComesTo() throws Exception {
    String topic = newTopic();
    Map<String, Object> idempotent = Map.of("enable.idempotence", true);
    try (KafkaProducer<String, String> first = clients().producer(idempotent)) {
      first.send(new ProducerRecord<>(topic, 0, "", "a")).get(20, TimeUnit.SECONDS);
      long own = producers(main, topic).getFirst().producerId();

      assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isTrue();
      first.send(new ProducerRecord<>(topic, 0, "", "b")).get(20, TimeUnit.SECONDS);
      try (KafkaProducer<String, String> second = clients().producer(idempotent)) {
        second.send(new ProducerRecord<>(topic, 0, "", "c")).get(20, TimeUnit.SECONDS);
        first.send(new ProducerRecord<>(topic, 0, "", "d")).get(20, TimeUnit.SECONDS);
      }
      assertThat(producers(failover, topic))
          .hasSize(2)
          .allSatisfy(one -> assertThat(one.producerId()).isGreaterThan(1L << 40))
          .allSatisfy(one -> assertThat(one.producerEpoch()).isZero())
          .anySatisfy(one -> assertThat(one.lastSequence()).isEqualTo(2));

      assertThat(gateway.switchTo(Entry.MAIN, Entry.MAIN)).isTrue();
      first.send(new ProducerRecord<>(topic, 0, "", "e")).get(20, TimeUnit.SECONDS);
      assertThat(producers(main, topic))
          .hasSize(2)
          .allSatisfy(one -> assertThat(one.producerEpoch()).isZero())
          .anySatisfy(one -> assertThat(one.producerId()).isEqualTo(own))
          .anySatisfy(one -> assertThat(one.lastSequence()).isEqualTo(3));

      // Another node knows of switches away and back that this one has missed.
      assertThat(gateway.switchTo(Entry.MAIN, Entry.MAIN, 500)).isFalse();
      first.send(new ProducerRecord<>(topic, 0, "", "f")).get(20, TimeUnit.SECONDS);
      assertThat(producers(main, topic)).hasSize(3);
    } finally {
      gateway.switchTo(Entry.MAIN, Entry.MAIN);
    }
  }

  /** The checksum of a batch is corrected wherever the request is cut; the broker verifies it. */
  @Test
  void idsAreReplacedInRequestsThatArriveInPieces() throws Exception {
    String topic = newTopic();
    Random random = new Random(1);
    try {
      assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isTrue();
      Node leader;
      List<Integer> led;
      try (Admin admin = clients().admin()) {
        List<TopicPartitionInfo> all =
            admin
                .describeTopics(List.of(topic))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .values()
                .iterator()
                .next()
                .partitions();
        leader = all.getFirst().leader();
        led =
            all.stream()
                .filter(one -> one.leader().equals(leader))
                .map(TopicPartitionInfo::partition)
                .toList();
      }
      assertThat(led).hasSizeGreaterThan(1);
      try (RawClient client = RawClient.connect("localhost", leader.port())) {
        for (int sequence = 0; sequence < 60; sequence++) {
          int largest = sequence % 3 == 0 ? 3 : 70;
          byte[] request = produceRequest(topic, led, sequence, random.nextInt(900));
          for (int at = 0; at < request.length; ) {
            int bytes = Math.min(random.nextInt(1, largest), request.length - at);
            client.send(Arrays.copyOfRange(request, at, at + bytes));
            at += bytes;
          }
          ByteBuffer response = ByteBuffer.wrap(client.readFrame(Duration.ofSeconds(20)));
          ProduceResponse answer =
              (ProduceResponse)
                  AbstractResponse.parseResponse(
                      response, new RequestHeader(ApiKeys.PRODUCE, (short) 9, "raw", sequence));
          assertThat(answer.errorCounts()).isEqualTo(Map.of(Errors.NONE, led.size()));
        }
      }
      assertThat(producers(failover, topic, led.getLast()))
          .singleElement()
          .satisfies(one -> assertThat(one.producerId()).isGreaterThan(1L << 51))
          .satisfies(one -> assertThat(one.lastSequence()).isEqualTo(59));
    } finally {
      gateway.switchTo(Entry.MAIN, Entry.MAIN);
    }
  }

  private static byte[] produceRequest(
      String topic, List<Integer> partitions, int sequence, int bytes) {
    TopicProduceData data = new TopicProduceData().setName(topic);
    for (int partition : partitions) {
      data.partitionData()
          .add(
              new PartitionProduceData()
                  .setIndex(partition)
                  .setRecords(
                      MemoryRecords.withIdempotentRecords(
                          Compression.NONE,
                          77,
                          (short) 0,
                          sequence,
                          new SimpleRecord(new byte[bytes]))));
    }
    ProduceRequestData request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(20_000);
    request.topicData().add(data);
    ByteBuffer body =
        new ProduceRequest(request, (short) 9)
            .serializeWithHeader(new RequestHeader(ApiKeys.PRODUCE, (short) 9, "raw", sequence));
    return ByteBuffer.allocate(Integer.BYTES + body.remaining())
        .putInt(body.remaining())
        .put(body)
        .array();
  }

  private static List<ProducerState> producers(KafkaCluster cluster, String topic)
      throws Exception {
    return producers(cluster, topic, 0);
  }

  private static List<ProducerState> producers(KafkaCluster cluster, String topic, int number)
      throws Exception {
    TopicPartition partition = new TopicPartition(topic, number);
    try (Admin admin = direct(cluster).admin()) {
      return admin
          .describeProducers(List.of(partition))
          .partitionResult(partition)
          .get(20, TimeUnit.SECONDS)
          .activeProducers();
    }
  }

  /** What a transaction wrote before a switch stays invisible, and the next one works. */
  @Test
  void anOpenTransactionFailsAndShowsNothing() throws Exception {
    String topic = newTopic();
    String id = RealCluster.newName("transactions");
    Map<String, Object> transactional = Map.of("transactional.id", id);
    try {
      KafkaProducer<String, String> switched =
          clients().producer(Map.of("transactional.id", id, "max.block.ms", 5000));
      try {
        switched.initTransactions();
        switched.beginTransaction();
        send(switched, topic, "committed on main");
        switched.commitTransaction();
        switched.beginTransaction();
        send(switched, topic, "open on main");
        switched.flush();

        assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isTrue();
        assertThatThrownBy(
                () -> {
                  send(switched, topic, "of the open transaction");
                  switched.commitTransaction();
                })
            .isInstanceOf(KafkaException.class);
      } finally {
        switched.close(Duration.ZERO);
      }
      try (KafkaProducer<String, String> producer = clients().producer(transactional)) {
        producer.initTransactions();
        producer.beginTransaction();
        send(producer, topic, "committed on failover");
        producer.commitTransaction();
        producer.beginTransaction();
        send(producer, topic, "aborted on failover");
        producer.flush();
        producer.abortTransaction();
      }
      assertThat(committed(direct(failover), topic)).containsExactly("committed on failover");

      assertThat(gateway.switchTo(Entry.MAIN, Entry.MAIN)).isTrue();
      try (KafkaProducer<String, String> producer = clients().producer(transactional)) {
        producer.initTransactions(); // ends the transaction that is open here
        producer.beginTransaction();
        send(producer, topic, "committed later on main");
        producer.commitTransaction();
      }
      assertThat(committed(direct(main), topic))
          .containsExactlyInAnyOrder("committed on main", "committed later on main");
    } finally {
      gateway.switchTo(Entry.MAIN, Entry.MAIN);
    }
  }

  private static void send(KafkaProducer<String, String> producer, String topic, String value) {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      producer.send(new ProducerRecord<>(topic, partition, "", value));
    }
  }

  /** What a reader of committed records sees, up to the end of all partitions. */
  private static Set<String> committed(JavaClients cluster, String topic) {
    try (KafkaConsumer<String, String> consumer =
        cluster.consumer(Map.of("isolation.level", "read_committed"))) {
      List<TopicPartition> all = new ArrayList<>();
      for (int i = 0; i < PARTITIONS; i++) {
        all.add(new TopicPartition(topic, i));
      }
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      Set<String> seen = new HashSet<>();
      Await.until(
          () -> seen + " up to " + ends,
          () -> {
            consumer.poll(Duration.ofMillis(50)).forEach(each -> seen.add(each.value()));
            return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
          });
      return seen;
    }
  }

  @Test
  void aClusterThatNoLongerRespondsIsLeft() throws Exception {
    String topic = newTopic();
    try (Writer writer = new Writer(clients().producer(Map.of("acks", "all")), topic)) {
      writer.awaitMore(100);
      main.brokers().forEach(KafkaBroker::pause);
      try {
        assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isTrue();
        writer.awaitMore(300);
        assertThat(gateway.health().isHealthy()).isTrue();
      } finally {
        main.brokers().forEach(KafkaBroker::resume);
      }
      main.awaitReady();
      assertThat(gateway.switchTo(Entry.MAIN, Entry.MAIN)).isTrue();
      writer.awaitMore(100);
      assertThat(writer.failed).isEmpty();
    } finally {
      main.brokers().forEach(KafkaBroker::resume);
      gateway.switchTo(Entry.MAIN, Entry.MAIN);
    }
  }

  @Test
  void anOffsetThatIsNotReplicatedYetDoesNotSendAConsumerToTheStart() throws Exception {
    String topic = newTopic();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaProducer<String, String> producer = direct(main).producer(Map.of());
        KafkaProducer<String, String> other = direct(failover).producer(Map.of());
        KafkaConsumer<String, String> consumer = clients().consumer(Map.of())) {
      for (int i = 0; i < 100; i++) {
        producer.send(new ProducerRecord<>(topic, 0, "", String.valueOf(i)));
      }
      producer.flush();
      other.send(new ProducerRecord<>(topic, 0, "", "0")).get(20, TimeUnit.SECONDS);
      consumer.assign(List.of(partition));
      Await.until(
          () -> "at " + consumer.position(partition),
          () -> {
            consumer.poll(Duration.ofMillis(50));
            return consumer.position(partition) == 100;
          });
      assertThat(gateway.switchTo(Entry.MAIN, FAILOVER)).isTrue();
      long refusedBefore = refused();
      Await.until(
          () -> refused() + " refused",
          () -> {
            assertThat(consumer.poll(Duration.ofMillis(50))).isEmpty();
            return refused() > refusedBefore + 3;
          });
      assertThat(consumer.position(partition)).isEqualTo(100);
    } finally {
      gateway.switchTo(Entry.MAIN, Entry.MAIN);
    }
  }

  private static long refused() {
    return (long)
        Figures.of(gateway).value("gatehouse_response_errors", "api", "Fetch", "code", "1");
  }
}
