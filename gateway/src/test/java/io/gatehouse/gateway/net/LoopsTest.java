package io.gatehouse.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.SocketSettings;
import io.gatehouse.testkit.RawClient;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Event loops close their connections whenever they are shut down. */
@Timeout(60)
class LoopsTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final SocketSettings.Side SIDE = SocketSettings.Side.DEFAULT;

  private static final class Quiet extends ChannelInboundHandlerAdapter {}

  private final List<SocketChannel> accepted = new CopyOnWriteArrayList<>();

  private static ChannelHandler quiet() {
    return new Quiet();
  }

  private Acceptor.Port listen(Loops loops) throws Exception {
    return new Acceptor(
            new Sockets(loops, new SocketSettings(SIDE, SIDE, 16, 1)), InheritedSockets.none())
        .listen(
            new HostPort("127.0.0.1", 0),
            new ListeningSocket.Use("test", "any"),
            loops.next(),
            (loop, channel) -> {
              channel.pipeline().addLast(quiet());
              accepted.add(channel);
            });
  }

  @Test
  void aBlockedLoopIsDetected() throws Exception {
    try (Loops loops = new Loops(2, new Budget(1 << 20))) {
      Await.until(
          () -> "no tick yet: " + loops.maxTimeSinceTick(),
          () -> loops.maxTimeSinceTick().compareTo(Duration.ofSeconds(2)) < 0);
      CountDownLatch hang = new CountDownLatch(1);
      loops
          .all()
          .getFirst()
          .execute(() -> {
            try {
              hang.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      Await.until(
          () -> "hangs unseen: " + loops.maxTimeSinceTick(),
          () -> loops.maxTimeSinceTick().compareTo(Duration.ofSeconds(4)) > 0);
      hang.countDown();
      Await.until(
          () -> "not seen to go on: " + loops.maxTimeSinceTick(),
          () -> loops.maxTimeSinceTick().compareTo(Duration.ofSeconds(3)) < 0);
    }
  }

  @Test
  void aChangeListenerIsCalledForWhatIsAddedAndRemoved() throws Exception {
    Set<Loop.TickListener> seen = ConcurrentHashMap.newKeySet();
    Loop.ChangeListener listener =
        new Loop.ChangeListener() {
          @Override
          public void onAdded(Loop.TickListener one) {
            seen.add(one);
          }

          @Override
          public void onRemoved(Loop.TickListener one) {
            seen.remove(one);
          }
        };
    try (Loops loops = new Loops(1, new Budget(1 << 20))) {
      Loop loop = loops.next();
      Loop.TickListener unseen = new Listener();
      Loop.TickListener first = new Listener();
      Loop.TickListener second = new Listener();
      loop.eventLoop()
          .submit(() -> {
            loop.add(unseen);
            loop.addChangeListener(listener);
            loop.add(first);
            loop.add(second);
            loop.remove(first);
            loop.remove(first);
            loop.removeChangeListener(listener);
            loop.remove(second);
          })
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(seen).containsExactly(second);
    }
  }

  private static final class Listener implements Loop.TickListener {
    private int tickIndex = -1;

    @Override
    public void onTick(long now) {}

    @Override
    public int tickIndex() {
      return tickIndex;
    }

    @Override
    public void setTickIndex(int newTickIndex) {
      tickIndex = newTickIndex;
    }
  }

  /** The loop runs tasks when it is shut down, and does not poll for I/O again. */
  @Test
  void connectionsAreClosedIfTheLoopIsBusyAtShutdown() throws Exception {
    Loops loops = new Loops(1, new Budget(1 << 20));
    Acceptor.Port port = listen(loops);
    try (RawClient client = RawClient.connect("127.0.0.1", port.address().port())) {
      Await.until(
          () -> "accepted: " + accepted,
          () -> accepted.size() == 1 && accepted.getFirst().isActive());
      EventLoop loop = loops.all().getFirst().eventLoop();
      CountDownLatch busy = new CountDownLatch(1);
      loop.execute(() -> {
        busy.countDown();
        Await.until(() -> "not told to end", loop::isShuttingDown);
      });
      assertThat(busy.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();

      // The wait for a busy loop is bounded.
      Task.start(loops::close).join(LIMIT);

      client.expectClosed(LIMIT);
      assertThat(loop.isTerminated()).isTrue();
      assertThat(accepted.getFirst().isOpen()).isFalse();
    }
  }
}
