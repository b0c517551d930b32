package io.gatehouse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

  private final Results results = new Results();
  private final Report report =
      new Report(
          Options.parse(List.of("produce1k", "requests")), results, List.of("direct", "gatehouse"));

  @Test
  void costIsProcessorTimePerGigabyteOrPerThousandRecords() {
    Sample sample = new Sample(2, 4_000_000_000L, 500_000, 3, 0, 0, 100);
    assertThat(sample.cost(Scenario.Cost.PER_GIGABYTE)).isEqualTo(0.75);
    assertThat(sample.cost(Scenario.Cost.PER_THOUSAND)).isEqualTo(6.0);
    assertThat(sample.megabytesPerSecond()).isEqualTo(2000.0);
    assertThat(sample.recordsPerSecond()).isEqualTo(250_000.0);
  }

  @Test
  void showsMediansWithTheirSpread() {
    add("gatehouse", 0.9, 90);
    add("gatehouse", 0.4, 120);
    add("gatehouse", 0.5, 100);
    add("direct", 0, 0);
    assertThat(report.markdown())
        .containsPattern("records of 1 KiB, CPU s/GB +\\| ≤ 0.70 +\\| +\\| 0.50 \\[0.40–0.90] +\\|")
        .containsPattern("throughput, MB/s +\\| +\\| 1000 +\\| 1000 \\[1000–1000] +\\|")
        .containsPattern("resident after load, MB +\\| ≤ 160 +\\| +\\| 120 +\\|");
  }

  @Test
  void jsonHoldsEverySample() {
    add("gatehouse", 0.9, 90);
    results.standing("gatehouse").startMillis().add(350.5);
    assertThat(report.json())
        .contains("\"produce1k\":{\"direct\":[],\"gatehouse\":[{\"seconds\":1.000,")
        .contains("\"cost\":0.9000")
        .contains("\"gatehouse\":{\"startMillis\":[350.5]");
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Results.Spread.of(List.of(4.0, 1.0, 3.0, 2.0)))
        .isEqualTo(new Results.Spread(1, 2.5, 4));
  }

  private void add(String target, double cpuSeconds, double megabytes) {
    results.add(
        Scenario.PRODUCE1K,
        target,
        new Sample(1, 1_000_000_000L, 1_000_000, cpuSeconds, 0, 0, megabytes));
  }
}
