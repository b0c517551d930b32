package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Churn;
import io.gatehouse.gateway.fixture.GatewayProcess;
import io.gatehouse.gateway.fixture.GatewayProcess.Usage;
import io.gatehouse.gateway.fixture.GroupReader;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.testkit.KafkaBroker;
import io.gatehouse.testkit.KafkaCluster;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Ten minutes ({@code -Dsoak.minutes}) of clients that connect and disconnect while brokers are
 * killed and stopped: no acknowledged record is lost, and memory, threads and descriptors of the
 * gateway's process do not grow. {@code target/soak.csv} has the values of every five seconds.
 */
@Tag("soak")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class SoakIT {

  private static final Duration TIME = Duration.ofMinutes(Integer.getInteger("soak.minutes", 10));
  private static final Duration SAMPLE = Duration.ofSeconds(5);

  /** Number of records written between two broker failures. */
  private static final int RECORDS_BETWEEN = 3000;

  /** Time for the gateway to notice that the last client has closed. */
  private static final Duration QUIET = Duration.ofMinutes(1);

  private static final int LARGE_RECORDS = 64;
  private static final int LARGE_RECORD = 128 << 10;
  private static final int LIMIT_MIB = 256;

  private final KafkaCluster cluster = RealCluster.get();
  private final String written = RealCluster.newName("churn");
  private final String kept = RealCluster.newName("ledger");
  private final String large = RealCluster.newName("large");
  private final AtomicInteger brokerEnds = new AtomicInteger();
  private final List<Usage> samples = new ArrayList<>();

  @Test
  void noResourceGrowsAndNoRecordIsLost(TestReporter report) throws Exception {
    for (String topic : List.of(written, kept, large)) {
      cluster.createTopic(topic, 3, 3);
    }
    try (GatewayProcess gateway = GatewayProcess.start(cluster, 1)) {
      fill(gateway);
      Usage before = awaitQuiet(gateway);
      long end = System.nanoTime() + TIME.toNanos();
      Ledger ledger =
          Ledger.openSlow(
              kept, gateway.clients().producer(Map.of("acks", "all", "enable.idempotence", true)));
      GroupReader reader =
          GroupReader.start(
              gateway.clients().consumer(Map.of("group.id", RealCluster.newName("soak"))), kept);
      Churn churn =
          Churn.begin(
              gateway.clients(),
              written,
              large,
              cluster.brokers().stream().map(each -> gateway.broker(each.id())).toList());
      AtomicBoolean enough = new AtomicBoolean();
      Task<Boolean> breaking = Task.start(() -> breakBrokers(ledger, enough));
      try {
        sample(gateway, churn, breaking, end);
      } finally {
        enough.set(true);
      }
      breaking.join(Duration.ofMinutes(3));
      churn.close();

      try (KafkaConsumer<String, String> all = gateway.clients().consumer(Map.of())) {
        ledger.closeAndCompare(all);
      }
      reader.awaitAll(ledger.values());
      reader.close();
      assertThat(churn.lost()).as("acknowledged and lost").isEmpty();
      Usage after = awaitQuiet(gateway);
      report.publishEntry(
          Map.of(
              "before", before.toString(),
              "after", after.toString(),
              "clients that came and went", String.valueOf(churn.rounds()),
              "records", ledger.acknowledged() + " + " + churn.acknowledged(),
              "brokers ended", brokerEnds.toString(),
              "resident MiB in fifths", fifths(Usage::residentKib, 1024),
              "descriptors in fifths", fifths(Usage::descriptors, 1),
              "threads in fifths", fifths(Usage::threads, 1)));
      compare(before, after);
    }
  }

  private void fill(GatewayProcess gateway) {
    RandomGenerator random = Seed.random("large");
    try (KafkaProducer<byte[], byte[]> producer =
        gateway.clients().bytesProducer(Map.of("batch.size", LARGE_RECORD))) {
      for (int i = 0; i < LARGE_RECORDS; i++) {
        var _ =
            producer.send(new ProducerRecord<>(large, 0, null, Seed.bytes(random, LARGE_RECORD)));
      }
    }
  }

  /** Waits until no client is connected. */
  private static Usage awaitQuiet(GatewayProcess gateway) throws IOException {
    AtomicReference<Usage> last = new AtomicReference<>(gateway.usage());
    Await.within(
        QUIET,
        () -> "still busy: " + last,
        () -> {
          Usage now = gateway.usage();
          last.set(now);
          return now.connections() == 0 && now.inFlight() == 0 && now.lentBytes() == 0;
        });
    return gateway.usage();
  }

  /** Kills or stops one broker after the other, each after the cluster has recovered. */
  private void breakBrokers(Ledger ledger, AtomicBoolean enough) {
    for (int i = 0; !enough.get(); i++) {
      KafkaBroker broker = cluster.brokers().get(i % cluster.brokers().size());
      if (i % 2 == 0) {
        broker.kill();
      } else {
        broker.stop();
      }
      brokerEnds.incrementAndGet();
      ledger.awaitMore(100);
      broker.start();
      cluster.awaitReady();
      for (String topic : List.of(written, kept, large)) {
        cluster.awaitInSync(topic);
      }
      int goal = ledger.acknowledged() + RECORDS_BETWEEN;
      while (!enough.get() && ledger.acknowledged() < goal) {
        Await.pause();
      }
    }
  }

  private void sample(GatewayProcess gateway, Churn churn, Task<Boolean> breaking, long end)
      throws IOException {
    long begun = System.nanoTime();
    try (Writer csv = Files.newBufferedWriter(Path.of("target", "soak.csv"))) {
      csv.write("seconds,resident KiB,descriptors,threads,connections,in flight,lent\n");
      while (System.nanoTime() < end) {
        long next = System.nanoTime() + SAMPLE.toNanos();
        while (System.nanoTime() < Math.min(next, end)) {
          Await.pause();
        }
        churn.check();
        if (breaking.isDone()) {
          var _ = breaking.join();
        }
        Usage now = gateway.usage();
        samples.add(now);
        csv.write(
            "%d,%d,%d,%d,%d,%d,%d%n"
                .formatted(
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun),
                    now.residentKib(),
                    now.descriptors(),
                    now.threads(),
                    now.connections(),
                    now.inFlight(),
                    now.lentBytes()));
        csv.flush();
      }
    }
  }

  /** The median of each fifth of the run. */
  private long median(int fifth, ToLongFunction<Usage> figure) {
    List<Usage> part =
        samples.subList(samples.size() * fifth / 5, samples.size() * (fifth + 1) / 5);
    return part.stream().mapToLong(figure).sorted().skip(part.size() / 2).findFirst().orElseThrow();
  }

  private String fifths(ToLongFunction<Usage> figure, int unit) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      all.append(median(i, figure) / unit).append(' ');
    }
    return all.toString().strip();
  }

  private void compare(Usage before, Usage after) {
    // Compared with the second fifth, since JIT and heap warm up in the first.
    assertThat(median(4, Usage::residentKib))
        .as("resident KiB in the last fifth; all: %s", samples)
        .isLessThan(median(1, Usage::residentKib) * 115 / 100 + (4 << 10));
    assertThat(after.peakKib() >> 10).as("%s", after).isLessThan(LIMIT_MIB);
    // Only the listening sockets and the gateway's own requests remain, as at the start.
    assertThat(after.descriptors())
        .as("before %s, after %s", before, after)
        .isLessThanOrEqualTo(before.descriptors() + 2);
    assertThat(after.threads())
        .as("before %s, after %s", before, after)
        .isLessThanOrEqualTo(before.threads() + 4);
  }
}
