package io.gatehouse.bench.micro;

import io.gatehouse.gateway.plan.ApiVersionsEdit;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.ResponseRule;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Editing a response with a cached edit. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AnswerBenchmark {

  private static final int API_VERSIONS = 18;
  private static final int VERSION = 4;

  /** The correlation id. */
  private static final int HEAD = 4;

  private final ByteBuf answer = Messages.apiVersionsResponse(VERSION).skipBytes(HEAD);
  private final ApiVersionsEdit edit = edit();

  private ApiVersionsEdit edit() {
    Plan plan = SharedPlan.get();
    if (plan.route(API_VERSIONS, VERSION).response() instanceof ResponseRule.Versions versions) {
      versions.edit().cache(answer, answer.copy());
      return versions.edit();
    }
    throw new IllegalStateException("ApiVersions responses are no longer cached");
  }

  /** Edits the first response that every client receives. */
  @Benchmark
  public @Nullable ByteBuf apiVersions() {
    return edit.cached(answer);
  }
}
