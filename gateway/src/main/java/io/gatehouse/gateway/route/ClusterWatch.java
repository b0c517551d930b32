package io.gatehouse.gateway.route;

import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the cluster for its brokers: at the start, then now and then, and soon after a failure. */
public final class ClusterWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** A cluster that stays away is mentioned again after this long. */
  private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Cluster cluster;
  private final Dialer dialer;
  private final Loop loop;
  private final UpstreamSettings settings;
  private @Nullable ScheduledFuture<?> next;
  private volatile @Nullable String failure = "the cluster was not asked yet";
  private volatile boolean closed;
  private long mentionedAt;

  public ClusterWatch(Cluster cluster, Dialer dialer, Loop loop, UpstreamSettings settings) {
    this.cluster = cluster;
    this.dialer = dialer;
    this.loop = loop;
    this.settings = settings;
  }

  public void start() {
    loop.eventLoop().execute(this::ask);
  }

  /** Why the last question got no answer, or null if it did. */
  public @Nullable String failure() {
    return failure;
  }

  @Override
  public void close() {
    closed = true;
    if (next != null) {
      next.cancel(false);
    }
  }

  private void ask() {
    if (closed) {
      return;
    }
    dialer
        .dial(loop, cluster.anyBroker())
        .addListener((Future<Dialer.Connection> dialled) -> {
          if (dialled.isSuccess()) {
            put(dialled.getNow().channel());
          } else {
            failed(dialled.cause().getMessage());
          }
        });
  }

  private void put(SocketChannel channel) {
    BrokersQuestion question = new BrokersQuestion(settings.clientId(), loop);
    question
        .answer()
        .addListener((Future<Map<Integer, HostPort>> answered) -> {
          channel.close();
          if (answered.isSuccess()) {
            answered(answered.getNow());
          } else {
            failed(channel.remoteAddress() + ": " + answered.cause().getMessage());
          }
        });
    channel.pipeline().addLast(question);
    channel.config().setAutoRead(true);
    loop.eventLoop()
        .schedule(
            () -> question.fail("no answer within " + ANSWER.toSeconds() + " seconds"),
            ANSWER.toSeconds(),
            TimeUnit.SECONDS);
  }

  private void answered(Map<Integer, HostPort> brokers) {
    if (failure != null && mentionedAt != 0) {
      log.info("the cluster answers again");
    }
    failure = null;
    mentionedAt = 0;
    cluster.learnAll(brokers);
    schedule(settings.refresh());
  }

  private void failed(@Nullable String why) {
    if (closed) {
      return;
    }
    failure = why;
    long now = System.nanoTime();
    if (mentionedAt == 0 || now - mentionedAt > REMIND_NANOS) {
      mentionedAt = now;
      log.warn("the cluster does not answer: {}. Trying again every second", why);
    }
    schedule(RETRY);
  }

  private void schedule(Duration delay) {
    if (!delay.isZero() && !closed) {
      next = loop.eventLoop().schedule(this::ask, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
