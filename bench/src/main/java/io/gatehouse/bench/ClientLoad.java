package io.gatehouse.bench;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A Kafka client with a thread that uses it. */
abstract class ClientLoad implements Load {

  private final Closeable client;
  private final ClientBytes bytes;
  private final AtomicLong records = new AtomicLong();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final Thread thread = Thread.ofPlatform().name("load").unstarted(this::run);
  private volatile boolean over;

  /**
   * @param client the client, closed with the load
   * @param bytes the client's byte counts
   */
  ClientLoad(Closeable client, ClientBytes bytes) {
    this.client = client;
    this.bytes = bytes;
  }

  /** Uses the client until {@link #isOver}. */
  abstract void work() throws InterruptedException;

  final void start() {
    thread.start();
  }

  final boolean isOver() {
    return over;
  }

  /** Counts acknowledged or received records. */
  final void count(int more) {
    records.addAndGet(more);
  }

  /** Records a failure; only the first is kept. */
  final void failed(Exception problem) {
    failure.compareAndSet(null, problem);
  }

  private void run() {
    try {
      work();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public final Progress progress() {
    Exception problem = failure.get();
    if (problem != null) {
      throw new IllegalStateException("the client failed", problem);
    }
    return new Progress(bytes.total(), records.get());
  }

  @Override
  public Histogram takeLatencies() {
    return new Histogram(3);
  }

  @Override
  public final void close() {
    over = true;
    try {
      thread.join();
      client.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
