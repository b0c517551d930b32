package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One dial: connection attempts start 250 ms apart (RFC 8305), or at once when the previous one has
 * failed. The first that connects wins and the others are closed. Confined to the event loop.
 */
final class Dial {

  /** RFC 8305, section 8: Connection Attempt Delay. */
  private static final long ATTEMPT_DELAY_MILLIS = 250;

  /** Beyond this many concurrent attempts the oldest is abandoned for the next. */
  private static final int MAX_CONCURRENT = 6;

  /**
   * While nothing answers, names are resolved again this often: their addresses may have changed.
   */
  private static final long RESOLVE_AGAIN_MILLIS = 1000;

  /** At most this many brokers are named in an error message. */
  private static final int MAX_NAMED = 10;

  private final Dialer dialer;
  private final Loop loop;
  private final List<HostPort> brokers;
  private final Promise<Dialer.Connection> promise;

  /** Brokers whose names have not been looked up. */
  private final Deque<HostPort> unresolved;

  private final Deque<Candidate> ready = new ArrayDeque<>();
  private final Set<Candidate> seen = new HashSet<>();

  /** Attempts in progress, the oldest first. */
  private final Deque<Attempt> running = new ArrayDeque<>();

  private final Set<HostPort> resolving = new HashSet<>();
  private final Map<HostPort, String> failures = new LinkedHashMap<>();
  private @Nullable OutOfDescriptorsException shortage;
  private @Nullable ScheduledFuture<?> nextStep;
  private long resolvedAt;

  private record Candidate(HostPort broker, InetSocketAddress address) {}

  private record Attempt(Candidate to, SocketChannel channel) {}

  Dial(Dialer dialer, Loop loop, List<HostPort> brokers) {
    this.dialer = dialer;
    this.loop = loop;
    this.brokers = brokers;
    this.unresolved = new ArrayDeque<>(brokers);
    this.promise = loop.eventLoop().newPromise();
  }

  Future<Dialer.Connection> begin() {
    long limit = dialer.timeout().toMillis();
    var deadline = loop.eventLoop().schedule(() -> timeOut(limit), limit, TimeUnit.MILLISECONDS);
    promise.addListener(done -> {
      deadline.cancel(false);
      end();
    });
    if (loop.eventLoop().inEventLoop()) {
      step();
    } else {
      loop.execute(this::step);
    }
    return promise;
  }

  /** Starts the next attempt or lookup, if any, and schedules the step after it. */
  private void step() {
    if (promise.isDone()) {
      return;
    }
    Candidate next = ready.poll();
    if (next != null) {
      attempt(next);
    } else if (!unresolved.isEmpty()) {
      resolve(unresolved.remove());
    } else if (running.isEmpty() && resolving.isEmpty()) {
      fail(summary());
    } else if (shortage == null && isResolveDue()) {
      resolveAgain();
    }
    scheduleNext(
        ready.isEmpty() && unresolved.isEmpty() ? RESOLVE_AGAIN_MILLIS : ATTEMPT_DELAY_MILLIS);
  }

  private void scheduleNext(long millis) {
    if (nextStep != null) {
      nextStep.cancel(false);
    }
    if (!promise.isDone()) {
      nextStep = loop.eventLoop().schedule(this::step, millis, TimeUnit.MILLISECONDS);
    }
  }

  // ---- names ------------------------------------------------------------------------------------

  private void resolve(HostPort broker) {
    resolvedAt = System.nanoTime();
    resolving.add(broker);
    dialer
        .resolve(broker, loop)
        .addListener((Future<List<InetSocketAddress>> resolved) -> {
          resolving.remove(broker);
          if (promise.isDone()) {
            return;
          }
          if (!resolved.isSuccess()) {
            failed(broker, resolved.cause());
            dialer.failed(broker);
          } else if (shortage == null) {
            for (InetSocketAddress address : dialer.failedLast(resolved.getNow())) {
              Candidate candidate = new Candidate(broker, address);
              if (seen.add(candidate)) {
                ready.add(candidate);
              }
            }
          }
          step();
        });
  }

  private boolean isResolveDue() {
    long since = System.nanoTime() - resolvedAt;
    return since >= TimeUnit.MILLISECONDS.toNanos(RESOLVE_AGAIN_MILLIS);
  }

  private void resolveAgain() {
    for (HostPort broker : brokers) {
      if (!Resolver.isLiteral(dialer.lookupTarget(broker).host()) && !resolving.contains(broker)) {
        unresolved.add(broker);
      }
    }
    if (!unresolved.isEmpty()) {
      resolve(unresolved.remove());
    }
  }

  // ---- attempts ---------------------------------------------------------------------------------

  private void attempt(Candidate to) {
    if (running.size() >= MAX_CONCURRENT) {
      Attempt oldest = running.remove();
      failed(oldest.to, new IOException("no answer"));
      oldest.channel.close();
    }
    SocketChannel channel;
    try {
      channel = dialer.socket(loop, to.address);
    } catch (OutOfDescriptorsException e) {
      // Further attempts would fail too; those in progress may still succeed.
      shortage = e;
      ready.clear();
      unresolved.clear();
      if (running.isEmpty()) {
        promise.tryFailure(e);
      }
      return;
    }
    Attempt attempt = new Attempt(to, channel);
    running.add(attempt);
    loop.eventLoop().register(channel);
    channel
        .connect(dialer.connectTarget(to.broker, to.address))
        .addListener((ChannelFuture connected) -> {
          ProxyHandler through = channel.pipeline().get(ProxyHandler.class);
          if (connected.isSuccess() && through != null) {
            through.connectFuture().addListener(led -> ended(attempt, led));
          } else {
            ended(attempt, connected);
          }
        });
  }

  private void ended(Attempt attempt, Future<?> connected) {
    if (promise.isDone() || !running.contains(attempt)) {
      attempt.channel.close();
    } else if (connected.isSuccess()) {
      won(attempt);
    } else {
      running.remove(attempt);
      attempt.channel.close();
      failed(attempt.to, connected.cause());
      step();
    }
  }

  private void won(Attempt winner) {
    // Attempts that started earlier had more time and did not answer: they count as failed.
    while (!winner.equals(running.peek())) {
      Attempt silent = running.remove();
      silent.channel.close();
      failed(silent.to, new IOException("no answer when another answered"));
    }
    running.remove();
    dialer.reached(winner.to.broker, winner.to.address);
    failures.remove(winner.to.broker);
    if (!failures.isEmpty()) {
      dialer.logSkipped(summary(), winner.to.broker);
    }
    if (!promise.trySuccess(new Dialer.Connection(winner.channel, winner.to.broker))) {
      winner.channel.close();
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  private void failed(Candidate candidate, Throwable cause) {
    failed(candidate.broker, cause);
    dialer.failed(candidate.broker, candidate.address);
  }

  private void failed(HostPort broker, Throwable cause) {
    String text = explain(cause);
    String named = text.contains(broker.host()) ? text : broker + ": " + text;
    failures.merge(
        broker, named, (before, now) -> before.contains(now) ? before : before + "; " + now);
  }

  private static String explain(Throwable cause) {
    if (cause.getCause() instanceof SSLException tls) { // only a forward proxy's at this point
      return "TLS with the forward proxy: " + TlsFailures.explain(tls);
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private String summary() {
    StringJoiner all = new StringJoiner("; ");
    failures.values().stream().limit(MAX_NAMED).forEach(all::add);
    if (failures.size() > MAX_NAMED) {
      all.add("and " + (failures.size() - MAX_NAMED) + " more");
    }
    return all.toString();
  }

  private void timeOut(long limit) {
    StringJoiner silent = new StringJoiner(", ");
    resolving.forEach(broker -> silent.add("the name service for " + broker));
    for (Attempt attempt : running) {
      silent.add(attempt.to.broker.toString());
      dialer.failed(attempt.to.broker, attempt.to.address);
    }
    String before = summary();
    fail(
        (before.isEmpty() ? "" : before + "; ")
            + "no answer within "
            + limit
            + " ms from "
            + silent);
  }

  private void fail(String text) {
    OutOfDescriptorsException descriptors = shortage;
    if (descriptors != null) {
      promise.tryFailure(descriptors);
    } else {
      promise.tryFailure(new IOException(text.isEmpty() ? "no broker is known" : text));
    }
  }

  private void end() {
    if (nextStep != null) {
      nextStep.cancel(false);
    }
    running.forEach(attempt -> attempt.channel.close());
    running.clear();
  }
}
