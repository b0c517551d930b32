package io.gatehouse.bench.micro;

import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.RequestRule;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Reading the header of each frame and looking up its route. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecisionBenchmark {

  private static final int FRAMES = 64;
  private static final int FRAME = 1 << 10;

  /** APIs and versions that a producer and a consumer with a group send, in turn. */
  private static final int[][] APIS = {{0, 12}, {1, 17}, {3, 12}, {12, 4}, {9, 9}, {8, 9}};

  private final Plan plan = SharedPlan.get();
  private final ByteBuf requests = requests();

  private static ByteBuf requests() {
    ByteBuf frames = Unpooled.directBuffer(FRAMES * FRAME);
    for (int i = 0; i < FRAMES; i++) {
      int[] api = APIS[i % APIS.length];
      frames.writeInt(FRAME - Integer.BYTES).writeShort(api[0]).writeShort(api[1]).writeInt(i);
      frames.writeZero(FRAME - 12);
    }
    return frames;
  }

  /** Cuts 64 KiB into 64 requests; the score is per request. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public int requestHeads() {
    int walks = 0;
    int at = 0;
    while (at < requests.writerIndex()) {
      RequestRule rule = plan.route(requests.getShort(at + 4), requests.getShort(at + 6)).request();
      walks += rule instanceof RequestRule.Produce ? 1 : 0;
      at += Integer.BYTES + requests.getInt(at);
    }
    return walks;
  }
}
