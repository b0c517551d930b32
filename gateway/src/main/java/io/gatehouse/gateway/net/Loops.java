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

/** The event loops of a gateway, assigned to connections round-robin. */
public final class Loops implements AutoCloseable {

  /** The allocator serves only what the gateway writes itself, so pages and chunks are small. */
  private static final int PAGE = 8 << 10;

  private static final int CHUNK_ORDER = 5;

  private final Transport transport;
  private final EventLoopGroup group;
  private final List<Loop> loops = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final PooledByteBufAllocator allocator;

  /**
   * @param threads number of event loops; 0 for one per processor
   * @param memory budget that read buffers are charged to
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

  /** The allocator for what the gateway writes itself; reads use {@link ReadBuffers}. */
  public PooledByteBufAllocator allocator() {
    return allocator;
  }

  /** The next loop, round-robin. Any thread. */
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

  /** The longest time that any loop has not ticked. Any thread. */
  public Duration maxTimeSinceTick() {
    long time = System.nanoTime();
    return Duration.ofNanos(loops.stream().mapToLong(loop -> loop.sinceTick(time)).max().orElse(0));
  }

  public List<LoopMetrics> metrics() {
    return loops.stream().map(Loop::metrics).toList();
  }

  /**
   * Closes all connections and ends the threads, waiting at most three seconds. Close the listening
   * sockets before.
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
   * Waits until every loop has run the tasks submitted so far: then listening sockets are closed,
   * and connections they accepted have been registered with loops that still run.
   */
  private void awaitEarlierTasks() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    for (Future<?> done : loops.stream().map(loop -> loop.eventLoop().submit(() -> {})).toList()) {
      done.awaitUninterruptibly(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Event loops that close their connections before they end. Netty 4.2.18 skips that if the
   * shutdown is requested while tasks run: the loop then exits before it closes the channels, and
   * their sockets leak.
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
            // channels whose registration was still queued as a task
            runAllTasks();
            ioHandler().prepareToDestroy();
          }
        }
      };
    }
  }
}
