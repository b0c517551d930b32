package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Churn;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.GatewayProcess;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.RawClient;
import java.io.DataInputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Memory does not grow with the size of fetches: 200 consumers fetch 50 MiB each at once, half of
 * them slowly until the others are done, through a process with 256 MiB.
 */
@Timeout(150)
class LargeFetchesIT {

  private static final int CONSUMERS = 200;
  private static final int RECORD = 512 << 10;
  private static final int RECORDS = 100;
  private static final int FETCH_VERSION = 11;
  private static final int LIMIT_MIB = 256;

  /** Bytes that a slow consumer reads at a time. */
  private static final int SLOW_READ_BYTES = 16 << 10;

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Test
  void manyConsumersOfLargeResponsesFitIntoASmallHeap(TestReporter report) throws Exception {
    KafkaCluster cluster = RealCluster.get();
    String topic = RealCluster.newName("large");
    cluster.createTopic(topic, 1, 1);
    try (GatewayProcess gateway = GatewayProcess.start(cluster, 1)) {
      fill(gateway, topic);
      HostPort leader = gateway.broker(cluster.leader(topic, 0).id());
      CountDownLatch fast = new CountDownLatch(CONSUMERS / 2);
      List<Task<Long>> consumers = new ArrayList<>();
      for (int i = 0; i < CONSUMERS; i++) {
        boolean slow = i % 2 == 1;
        consumers.add(Task.call(() -> consume(leader, topic, slow, fast)));
      }

      assertThat(consumers)
          .allSatisfy(
              consumer -> assertThat(consumer.join(LIMIT)).isGreaterThan((long) RECORDS * RECORD));

      GatewayProcess.Usage usage = gateway.usage();
      report.publishEntry("after " + CONSUMERS + " fetches of 50 MiB", usage.toString());
      assertThat(usage.peakKib() >> 10).as("%s", usage).isLessThan(LIMIT_MIB);
      assertThat(usage.inFlight()).isZero();
    }
  }

  private static void fill(GatewayProcess gateway, String topic) throws Exception {
    RandomGenerator random = Seed.random();
    try (KafkaProducer<byte[], byte[]> producer =
        gateway.clients().bytesProducer(Map.of("batch.size", RECORD, "acks", "all"))) {
      for (int i = 0; i < RECORDS; i++) {
        var _ = producer.send(new ProducerRecord<>(topic, Seed.bytes(random, RECORD)));
      }
    }
  }

  /** Fetches everything and returns the number of response bytes. */
  private static long consume(HostPort leader, String topic, boolean slow, CountDownLatch fast)
      throws Exception {
    Socket socket = new Socket();
    if (slow) {
      socket.setReceiveBufferSize(2 * SLOW_READ_BYTES);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), leader.port()));
    try (RawClient client = RawClient.over(socket)) {
      client.sendFrame(Frames.request(Frames.FETCH, FETCH_VERSION, 1, Churn.fetch(topic)));
      socket.setSoTimeout((int) LIMIT.toMillis());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int length = in.readInt();
      byte[] some = new byte[slow ? SLOW_READ_BYTES : 4 * SLOW_READ_BYTES];
      for (int left = length; left > 0; ) {
        int read = in.read(some, 0, Math.min(some.length, left));
        if (read < 0) {
          throw new EOFException(left + " of " + length + " bytes are missing");
        }
        left -= read;
        if (slow) {
          // Reads slowly as long as the fast consumers are not done.
          var _ = fast.await(20, TimeUnit.MILLISECONDS);
        }
      }
      if (!slow) {
        fast.countDown();
      }
      return length;
    }
  }
}
