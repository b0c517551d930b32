package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.login.Login;
import io.gatehouse.gateway.metrics.ClusterState;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.PlaceholderHandler;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the cluster for its brokers: at the start, then now and then, and after a failure again,
 * less and less often. A cluster that wants a login for which the gateway has no account is not
 * asked: what it tells clients must do.
 */
public final class ClusterWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** A cluster that stays away is mentioned again after this long. */
  private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** With no topics: every broker since 0.10.0 answers it, and names all others. */
  private static final OwnRequest BROKERS =
      new OwnRequest(OwnRequest.METADATA, 1, body -> body.set("Topics", List.of()));

  /** Answered since 2.4; older brokers answer that they do not know it. */
  private static final OwnRequest APIS =
      new OwnRequest(
          OwnRequest.API_VERSIONS,
          3,
          body -> body.set("ClientSoftwareName", "gatehouse").set("ClientSoftwareVersion", "1"));

  private static final OwnRequest APIS_OF_OLD_BROKERS =
      new OwnRequest(OwnRequest.API_VERSIONS, 0, body -> {});

  /** Every broker that wants SASL answers with another error than one that does not (KIP-43). */
  private static final OwnRequest IS_LOGIN_WANTED =
      new OwnRequest(OwnRequest.SASL_HANDSHAKE, 1, body -> body.set("Mechanism", "NONE"));

  /** A question that got no answer. */
  private record Failure(String why, long at) {}

  /**
   * What the gateway has to know of a cluster.
   *
   * @param apis whether it tells clients, before they are authenticated, which apis the brokers
   *     have
   * @param brokers whether it asks for the brokers; otherwise it learns from what clients are told
   */
  public record Needs(boolean apis, boolean brokers) {}

  private final Cluster cluster;
  private final Connector connector;
  private final Loop loop;
  private final LongAdder failures = new LongAdder();
  private volatile Needs needs;
  private volatile @Nullable Failure failure;
  private volatile boolean closed;

  // Used by the loop only.
  private Needs wanted;
  private @Nullable ScheduledFuture<?> next;
  private boolean asking;
  private int failuresInARow;
  private long mentionedAt;
  private long passedOverAt;

  public ClusterWatch(Cluster cluster, Connector connector, Loop loop, Needs needs) {
    this.cluster = cluster;
    this.connector = connector;
    this.loop = loop;
    this.needs = needs;
    this.wanted = needs;
    this.failure =
        needs.brokers ? new Failure("the cluster was not asked yet", System.nanoTime()) : null;
  }

  public void start() {
    if (!needs.brokers) {
      cluster.setAnswering(false);
    }
    cluster.onWaitedFor(() -> loop.execute(this::hurry));
    loop.eventLoop().execute(this::ask);
  }

  /** What is wanted of it from now on. */
  public void need(Needs other) {
    loop.eventLoop()
        .execute(() -> {
          if (!other.equals(wanted)) {
            wanted = other;
            needs = other;
            cluster.setAnswering(other.brokers);
            if (!asking) {
              ask();
            }
          }
        });
  }

  /** How the cluster stands. */
  public ClusterState state(String name) {
    Failure last = failure;
    // Who answers clients is there, whatever becomes of the gateway's own questions.
    boolean answersClients = last != null && cluster.toldAfter(last.at);
    return new ClusterState(
        name,
        last == null || answersClients ? null : last.why,
        cluster.isKnown(),
        needs.brokers,
        cluster.brokers().size(),
        failures.sum());
  }

  @Override
  public void close() {
    closed = true;
    if (next != null) {
      next.cancel(false);
    }
  }

  /** A client waits for the answer: the next question need not wait so long. */
  private void hurry() {
    ScheduledFuture<?> planned = next;
    Failure last = failure;
    if (last != null && !asking && planned != null) {
      long soonest = RETRY.toNanos() - (System.nanoTime() - last.at);
      if (planned.getDelay(TimeUnit.NANOSECONDS) > soonest) {
        schedule(Duration.ofNanos(Math.max(1, soonest)));
      }
    }
  }

  private void ask() {
    if (closed || (!needs.apis && !needs.brokers)) {
      return;
    }
    asking = true;
    connector
        .connect(loop, cluster.anyBroker(), UpstreamIdentity.itself(account()))
        .addListener((Future<Connection> connected) -> {
          if (connected.isSuccess()) {
            guarded(connected.getNow(), () -> put(connected.getNow()));
          } else {
            cluster.setAnswering(!Connector.isLoginRefused(connected.cause()));
            failed(connected.cause().getMessage());
          }
        });
  }

  private @Nullable Login account() {
    return connector.own();
  }

  private void put(Connection connection) {
    BrokerClient questions = questions(connection);
    if (!needs.apis) {
      askBrokers(questions, connection);
      return;
    }
    askApis(questions, APIS)
        .addListener((Future<Struct> apis) -> {
          if (apis.isSuccess()) {
            guarded(
                connection,
                () -> {
                  cluster.learnApis(apis.getNow());
                  if (needs.brokers) {
                    askBrokers(questions, connection);
                  } else {
                    connection.channel().close();
                    answered();
                  }
                });
          } else {
            failed(connection, apis.cause());
          }
        });
  }

  private BrokerClient questions(Connection connection) {
    SocketChannel channel = connection.channel();
    BrokerClient questions = new BrokerClient(connector.settings().clientId(), loop);
    channel.pipeline().replace(PlaceholderHandler.NAME, null, questions);
    var deadline =
        loop.eventLoop()
            .schedule(
                () ->
                    questions.fail(
                        new IOException("no answer within " + ANSWER.toSeconds() + " seconds")),
                ANSWER.toSeconds(),
                TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> deadline.cancel(false));
    return questions;
  }

  private void askBrokers(BrokerClient questions, Connection connection) {
    questions
        .ask(BROKERS)
        .addListener((Future<Struct> brokers) -> {
          if (brokers.isSuccess()) {
            connection.channel().close();
            guarded(
                connection,
                () -> {
                  cluster.setAnswering(true);
                  cluster.learnAll(brokersOf(brokers.getNow()));
                  answered();
                });
          } else if (account() == null) {
            askWhetherLoginIsWanted(connection, brokers.cause());
          } else {
            failed(connection, brokers.cause());
          }
        });
  }

  /** A broker that wants a login ends the connection instead of an answer, and does not say why. */
  private void askWhetherLoginIsWanted(Connection before, Throwable cause) {
    before.channel().close();
    connector
        .connect(loop, List.of(before.broker()), UpstreamIdentity.itself(null))
        .addListener((Future<Connection> connected) -> {
          if (!connected.isSuccess()) {
            failed(before, cause);
            return;
          }
          Connection connection = connected.getNow();
          guarded(
              connection,
              () ->
                  questions(connection)
                      .ask(IS_LOGIN_WANTED)
                      .addListener((Future<Struct> answered) ->
                          guarded(connection, () -> heardOfLogin(connection, answered, cause))));
        });
  }

  private void heardOfLogin(Connection connection, Future<Struct> answered, Throwable cause) {
    if (answered.isSuccess()
        && answered.getNow().getInt("ErrorCode") != ErrorCode.ILLEGAL_SASL_STATE.number()) {
      connection.channel().close();
      loginIsWanted(answered.getNow().get("Mechanisms"));
    } else {
      failed(connection, cause);
    }
  }

  private void loginIsWanted(@Nullable Object mechanisms) {
    log.info(
        "the brokers want a login with one of {} and the gateway has no account (upstream.login):"
            + " it does not ask for brokers any more, but learns them from what clients are told",
        mechanisms);
    needs = new Needs(needs.apis, false);
    cluster.setAnswering(false);
    answered();
  }

  private Future<Struct> askApis(BrokerClient questions, OwnRequest request) {
    Promise<Struct> apis = loop.eventLoop().newPromise();
    questions
        .ask(request)
        .addListener((Future<Struct> answered) -> {
          if (answered.isSuccess()
              && answered.getNow().getInt("ErrorCode") == ErrorCode.UNSUPPORTED_VERSION.number()
              && request.version() > 0) {
            askApis(questions, APIS_OF_OLD_BROKERS).addListener(new PromiseNotifier<>(apis));
          } else if (answered.isSuccess()) {
            apis.trySuccess(answered.getNow());
          } else {
            apis.tryFailure(answered.cause());
          }
        });
    return apis;
  }

  private void failed(Connection connection, Throwable cause) {
    connection.channel().close();
    failed(connection.broker() + ": " + cause.getMessage());
  }

  /** Whatever goes wrong meanwhile, the cluster is asked again: nobody else would notice. */
  private void guarded(Connection connection, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      if (mentionedAt == 0) {
        log.error("what {} answered could not be made use of", connection.broker(), e);
      }
      failed(connection, e);
    }
  }

  private Map<Integer, HostPort> brokersOf(Struct response) {
    Map<Integer, HostPort> brokers = new HashMap<>();
    List<String> passedOver = new ArrayList<>();
    for (Struct broker : response.getStructs("Brokers")) {
      int id = broker.getInt("NodeId");
      String host = broker.getString("Host");
      int port = broker.getInt("Port");
      if (id < 0 || host.isEmpty() || port <= 0 || port > 65535) {
        passedOver.add("broker " + id + " at '" + host + ":" + port + "'");
      } else {
        brokers.put(id, new HostPort(host, port));
      }
    }
    if (!passedOver.isEmpty()) {
      mention(passedOver);
    }
    return brokers;
  }

  private void mention(List<String> passedOver) {
    long now = System.nanoTime();
    if (passedOverAt == 0 || now - passedOverAt > REMIND_NANOS) {
      passedOverAt = now;
      log.warn(
          "the cluster names what is no address of a broker, which is passed over: {}. Look at the"
              + " brokers' advertised.listeners",
          passedOver);
    }
  }

  private void answered() {
    if (failure != null && mentionedAt != 0) {
      log.info("the cluster answers again");
    }
    asking = false;
    failure = null;
    failuresInARow = 0;
    mentionedAt = 0;
    schedule(connector.settings().refresh());
  }

  private void failed(@Nullable String why) {
    if (closed) {
      return;
    }
    asking = false;
    long now = System.nanoTime();
    failure = new Failure(String.valueOf(why), now);
    failures.increment();
    Duration retry = retry(failuresInARow++);
    if (mentionedAt == 0 || now - mentionedAt > REMIND_NANOS) {
      mentionedAt = now;
      log.warn(
          "the cluster does not answer: {}. Trying again in {} ms, then less and less often, at"
              + " least every {} seconds",
          why,
          retry.toMillis(),
          LONGEST_RETRY.toSeconds());
    }
    schedule(retry);
  }

  /** Twice as long after each failure, and not at the same time as other gateways. */
  static Duration retry(int failuresBefore) {
    long millis = RETRY.toMillis() << Math.min(failuresBefore, 10);
    long capped = Math.min(millis, LONGEST_RETRY.toMillis());
    return Duration.ofMillis(capped * ThreadLocalRandom.current().nextLong(50, 101) / 100);
  }

  private void schedule(Duration delay) {
    if (next != null) {
      next.cancel(false); // one failure may be noticed in two places
    }
    if (!delay.isZero() && !closed) {
      next = loop.eventLoop().schedule(this::ask, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
