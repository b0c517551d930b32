package io.gatehouse.bench.micro;

import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.gateway.plan.Rewrite;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.route.AddressBook;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A response that is opened: read into a tree, changed, and written again. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RewriteBenchmark {

  private static final int API_VERSIONS = 18;
  private static final int VERSION = 4;
  private static final HostPort ANYWHERE = new HostPort("127.0.0.1", 9092);

  private final ByteBuf frame = Messages.apiVersionsResponse(VERSION);
  private final Rewrite rewrite = rewrite();
  private final Rewrite.View view =
      new Rewrite.View(new OneAddress(), ANYWHERE, PooledByteBufAllocator.DEFAULT);

  private static Rewrite rewrite() {
    Plan plan = new Plans(ApiRules.NONE, Steps.NONE).of(new Plan.Scope(Plan.Sasl.PASSED, true));
    if (plan.route(API_VERSIONS, VERSION).response() instanceof ResponseRule.Open open) {
      return open.rewrite();
    }
    throw new IllegalStateException("ApiVersions responses are not opened any more");
  }

  /** The answer that every client gets first. */
  @Benchmark
  public int apiVersions() {
    ByteBuf rewritten = rewrite.apply(frame.duplicate(), view);
    int bytes = rewritten.readableBytes();
    rewritten.release();
    return bytes;
  }

  /** Nothing is looked up here. */
  private static final class OneAddress implements AddressBook {
    @Override
    public HostPort advertised(int nodeId, HostPort broker, HostPort local) {
      return ANYWHERE;
    }

    @Override
    public HostPort advertisedKnown(int nodeId, HostPort local) {
      return ANYWHERE;
    }

    @Override
    public HostPort bootstrap(HostPort local) {
      return ANYWHERE;
    }

    @Override
    public boolean isBroker(HostPort address) {
      return false;
    }
  }
}
