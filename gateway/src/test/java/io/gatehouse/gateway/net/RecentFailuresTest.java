package io.gatehouse.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What failed lately is tried last for a limited time. */
class RecentFailuresTest {

  private long nanos = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos(); // nanoTime may overflow
  private final RecentFailures<String> failures = new RecentFailures<>(() -> nanos);

  @Test
  void entriesThatDidNotFailKeepTheirOrder() {
    failures.add("a");
    failures.add("c");

    assertThat(failures.failedLast(List.of("a", "b", "c", "d")))
        .containsExactly("b", "d", "a", "c");
    failures.remove("c");
    assertThat(failures.failedLast(List.of("a", "b", "c", "d")))
        .containsExactly("b", "c", "d", "a");
  }

  @Test
  void aFailureIsForgottenAfterItsTime() {
    failures.add("a");
    nanos += RecentFailures.REMEMBERED_NANOS;
    assertThat(failures.failedLast(List.of("a", "b"))).containsExactly("b", "a");

    nanos++;

    assertThat(failures.failedLast(List.of("a", "b"))).containsExactly("a", "b");
  }

  @Test
  void theOldestIsForgottenBeyondTheLimit() {
    failures.add("a");
    for (int i = 0; i < RecentFailures.MAX_ENTRIES; i++) {
      failures.add("other " + i);
    }

    assertThat(failures.failedLast(List.of("a", "other 0", "b")))
        .containsExactly("a", "b", "other 0");
  }
}
