package io.gatehouse.auth.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RenewalTest {

  private record Value(int number, Instant end) {}

  private volatile Instant now = Instant.parse("2026-11-21T12:00:00Z");
  private final AtomicInteger fetched = new AtomicInteger();

  private Renewal<Value> renewal(Renewal.Source<Value> source) {
    return new Renewal<>("the value", source, Value::end, () -> now);
  }

  private Value next(Duration life) {
    return new Value(fetched.incrementAndGet(), now.plus(life));
  }

  @Test
  void shortLivesAreRenewedAfterFourFifths() throws Exception {
    Renewal<Value> renewal = renewal(() -> next(Duration.ofSeconds(100)));
    assertThat(renewal.get().number()).isEqualTo(1);
    now = now.plusSeconds(79);
    assertThat(renewal.get().number()).isEqualTo(1);
    now = now.plusSeconds(2);
    assertThat(renewal.get().number()).isEqualTo(2);
  }

  @Test
  void longLivesAreRenewedFiveMinutesAhead() throws Exception {
    Renewal<Value> renewal = renewal(() -> next(Duration.ofHours(1)));
    renewal.get();
    now = now.plus(Duration.ofMinutes(54));
    assertThat(renewal.get().number()).isEqualTo(1);
    now = now.plus(Duration.ofMinutes(1));
    assertThat(renewal.get().number()).isEqualTo(2);
  }

  @Test
  void lastingValuesAreFetchedOnceAndOthersEachTime() throws Exception {
    Renewal<Value> lasting = renewal(() -> new Value(fetched.incrementAndGet(), Instant.MAX));
    lasting.get();
    now = now.plus(Duration.ofDays(9999));
    assertThat(lasting.get().number()).isEqualTo(1);
    Renewal<Value> fleeting = renewal(() -> new Value(fetched.incrementAndGet(), Instant.MIN));
    assertThat(fleeting.get().number()).isEqualTo(2);
    assertThat(fleeting.get().number()).isEqualTo(3);
  }

  @Test
  void manyAskOneFetches() throws Exception {
    CountDownLatch fetching = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Renewal<Value> renewal =
        renewal(() -> {
          fetching.countDown();
          await(go);
          return next(Duration.ofHours(1));
        });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Value>> asked = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        asked.add(threads.submit(renewal::get));
      }
      await(fetching);
      go.countDown();
      for (Future<Value> each : asked) {
        assertThat(each.get(30, TimeUnit.SECONDS).number()).isEqualTo(1);
      }
    }
    assertThat(fetched).hasValue(1);
  }

  @Test
  void othersUseTheOldValueWhileOneFetches() throws Exception {
    CountDownLatch fetching = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Renewal<Value> renewal =
        renewal(() -> {
          if (fetched.get() > 0) {
            fetching.countDown();
            await(go);
          }
          return next(Duration.ofSeconds(100));
        });
    renewal.get();
    now = now.plusSeconds(90);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Value> first = threads.submit(renewal::get);
      await(fetching);
      assertThat(renewal.get().number()).isEqualTo(1);
      go.countDown();
      assertThat(first.get(30, TimeUnit.SECONDS).number()).isEqualTo(2);
    }
  }

  @Test
  void aFailedFetchIsRetriedAfterAPause() throws Exception {
    Renewal<Value> renewal =
        renewal(() -> {
          if (fetched.incrementAndGet() < 3) {
            throw new LoginFailure("closed for lunch");
          }
          return next(Duration.ofHours(1));
        });
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(renewal::get)
          .isInstanceOf(LoginFailure.class)
          .hasMessage("closed for lunch");
    }
    assertThat(fetched).hasValue(1);
    now = now.plusSeconds(1);
    assertThatThrownBy(renewal::get).isInstanceOf(LoginFailure.class);
    assertThat(fetched).hasValue(2);
    now = now.plusSeconds(1);
    assertThat(renewal.get().number()).isEqualTo(4);
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
