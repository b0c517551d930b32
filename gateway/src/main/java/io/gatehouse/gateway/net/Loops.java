package io.gatehouse.gateway.net;

import io.gatehouse.gateway.metrics.LoopMetrics;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
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
   * @param memory what is held for slow peers comes out of, read buffers among it
   */
  public Loops(int threads, Budget memory) {
    int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    transport = Transport.best();
    group = new ClosingGroup(count, transport.handlers());
    allocator = new PooledByteBufAllocator(true, 0, count, PAGE, CHUNK_ORDER, 64, 16, false);
    for (int i = 0; i < count; i++) {
      EventLoop eventLoop = group.next();
      Loop loop = new Loop(eventLoop, memory);
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

  /** How long ago the loop ticked that did not for the longest. From any thread. */
  public Duration longestSinceTick() {
    long time = System.nanoTime();
    return Duration.ofNanos(loops.stream().mapToLong(loop -> loop.sinceTick(time)).max().orElse(0));
  }

  public List<LoopMetrics> metrics() {
    return loops.stream().map(Loop::metrics).toList();
  }

  /**
   * Closes all connections and ends the threads; waits for them at most three seconds. Listening
   * sockets should have been told to close before.
   */
  @Override
  public synchronized void close() {
    if (group.isShuttingDown()) {
      return;
    }
    awaitEarlierTasks();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    loops.forEach(Loop::ended);
  }

  /**
   * Lets every loop do what it was asked to before: then its listening sockets are closed, and what
   * they accepted is on its way to loops that all still run.
   */
  private void awaitEarlierTasks() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    for (Future<?> done : loops.stream().map(loop -> loop.eventLoop().submit(() -> {})).toList()) {
      done.awaitUninterruptibly(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Event loops that end no sooner than their connections. Netty's own (4.2.18) forget them when
   * the end is asked for while tasks run: the next look at the state then already leaves the loop,
   * past the closing of connections, and the sockets stay open for good.
   */
  private static final class ClosingGroup extends MultiThreadIoEventLoopGroup {

    ClosingGroup(int count, IoHandlerFactory handlers) {
      super(count, new DefaultThreadFactory("gatehouse-loop"), handlers);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... none) {
      return new SingleThreadIoEventLoop(this, executor, handlers) {
        @Override
        protected void run() {
          super.run();
          if (isShuttingDown()) {
            ioHandler().prepareToDestroy();
            // Some may have been waiting to be registered, as tasks.
            runAllTasks();
            ioHandler().prepareToDestroy();
          }
        }
      };
    }
  }
}
