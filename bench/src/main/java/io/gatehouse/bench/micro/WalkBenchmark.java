package io.gatehouse.bench.micro;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.util.EnumSet;
import java.util.Objects;
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

/** Walking one message in one chunk, from its first byte to the last field of interest. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WalkBenchmark {

  private static final int PRODUCE = 0;
  private static final int FETCH = 1;
  private static final int METADATA = 3;

  private static final EnumSet<FieldKind> ADDRESSES =
      EnumSet.of(FieldKind.NODE_ID, FieldKind.HOST, FieldKind.PORT, FieldKind.ERROR_CODE);

  private final Walker walker = new Walker();
  private final Program fetch =
      Program.ofResponse(layout(Schemas.get().response(FETCH), 17), ADDRESSES);
  private final ByteBuf fetchBytes = Messages.fetchResponse(17, 8, 8 << 10);
  private final Program metadata =
      Program.ofResponse(layout(Schemas.get().response(METADATA), 12), ADDRESSES);
  private final ByteBuf metadataBytes = Messages.metadataResponse(12, 100);
  private final Program produce =
      Program.ofRequest(layout(Schemas.get().request(PRODUCE), 12), EnumSet.of(FieldKind.ACKS));
  private final ByteBuf produceBytes = Messages.produceRequest(12, 64 << 10);

  private static Layout layout(@Nullable MessageSchema schema, int version) {
    return Objects.requireNonNull(schema).layout(version);
  }

  /** A response with 64 KiB of records in 8 partitions: error codes and node endpoints. */
  @Benchmark
  public long fetchResponse() {
    return walk(fetch, fetchBytes);
  }

  /**
   * A response with 100 topics: the addresses of three brokers, and an error code for each topic
   * and partition.
   */
  @Benchmark
  public long metadataResponse() {
    return walk(metadata, metadataBytes);
  }

  /** Reading acks in a Produce request. */
  @Benchmark
  public long produceRequestAcks() {
    return walk(produce, produceBytes);
  }

  private long walk(Program program, ByteBuf bytes) {
    walker.start(program, 0, bytes.readableBytes());
    walker.feed(bytes, 0, bytes.readableBytes());
    long fields = 0;
    while (true) {
      switch (walker.next()) {
        default -> fields += 1 + walker.number();
        case MORE, FINISHED -> {
          return fields;
        }
      }
    }
  }
}
