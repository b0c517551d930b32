package io.gatehouse.gateway.net;

import io.gatehouse.gateway.metrics.LoopMetrics;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The event loops of a gateway: made once, used by turns. */
public final class Loops implements AutoCloseable {

  /** For what the gateway writes itself: small, so its chunks are small too. */
  private static final int PAGE = 8 << 10;

  private static final int CHUNK_ORDER = 5;

  private final Transport transport;
  private final EventLoopGroup group;
  private final List<Loop> loops = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final PooledByteBufAllocator allocator;

  /**
   * @param threads zero: one per processor
   * @param bufferBudget bytes of large read buffers for all loops together
   */
  public Loops(int threads, long bufferBudget) {
    int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    transport = Transport.best();
    group =
        new MultiThreadIoEventLoopGroup(
            count, new DefaultThreadFactory("gatehouse-loop"), transport.handlers());
    allocator = new PooledByteBufAllocator(true, 0, count, PAGE, CHUNK_ORDER, 64, 16, false);
    for (int i = 0; i < count; i++) {
      EventLoop eventLoop = group.next();
      Loop loop = new Loop(eventLoop, bufferBudget / count);
      loops.add(loop);
      loop.start();
    }
  }

  public Transport transport() {
    return transport;
  }

  public PooledByteBufAllocator allocator() {
    return allocator;
  }

  public Loop next() {
    return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
  }

  /** The loop whose thread is running, if any. */
  public Optional<Loop> current() {
    return loops.stream().filter(loop -> loop.eventLoop().inEventLoop()).findFirst();
  }

  public List<Loop> all() {
    return List.copyOf(loops);
  }

  public List<LoopMetrics> metrics() {
    return loops.stream().map(Loop::metrics).toList();
  }

  /** Ends the threads; waits for them at most two seconds. */
  @Override
  public void close() {
    if (group.isShuttingDown()) {
      return;
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    loops.forEach(Loop::ended);
  }
}
