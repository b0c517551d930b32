package io.gatehouse.auth.sasl.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AddressLimiterTest {

  private static final InetAddress CROWD = Clients.from("192.0.2.1").address();
  private static final InetAddress OTHER = Clients.from("192.0.2.2").address();

  @Test
  void manyLoginsOfOneAddressDelayAnotherByOneOfThem() throws Exception {
    AddressLimiter turns = new AddressLimiter(1, Duration.ofSeconds(30));
    CountDownLatch gate = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.submit(() -> turns.run(CROWD, () -> work(order, "crowd", gate)));
      await().until(() -> !order.isEmpty());
      for (int i = 0; i < 100; i++) {
        threads.submit(() -> turns.run(CROWD, () -> work(order, "crowd", gate)));
      }
      await().until(() -> turns.waiting(CROWD) == 101);
      threads.submit(() -> turns.run(OTHER, () -> work(order, "other", gate)));
      await().until(() -> turns.waiting(OTHER) == 1);
      gate.countDown();
    }
    assertThat(order).hasSize(102);
    assertThat(order.indexOf("other")).isLessThanOrEqualTo(2);
    assertThat(turns.waiting(CROWD)).isZero();
  }

  private static boolean work(List<String> order, String who, CountDownLatch gate) {
    order.add(who);
    try {
      return gate.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Test
  void theWaitIsBounded() throws Exception {
    AddressLimiter turns = new AddressLimiter(1, Duration.ofMillis(20));
    CountDownLatch gate = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(() -> turns.run(CROWD, () -> work(order, "first", gate)));
      await().until(() -> !order.isEmpty());
      Clients.refused(Reason.THROTTLED, () -> turns.run(CROWD, () -> true));
      Clients.refused(Reason.THROTTLED, () -> turns.run(OTHER, () -> true));
      gate.countDown();
      assertThat(first.get(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(turns.run(OTHER, () -> true)).isTrue();
  }
}
