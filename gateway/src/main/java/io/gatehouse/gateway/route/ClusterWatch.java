package io.gatehouse.gateway.route;

import io.gatehouse.gateway.link.Caller;
import io.gatehouse.gateway.link.Connection;
import io.gatehouse.gateway.link.Connector;
import io.gatehouse.gateway.link.OwnRequest;
import io.gatehouse.gateway.link.Questions;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.UnclaimedFailures;
import io.gatehouse.gateway.settings.HostPort;
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

  private final Cluster cluster;
  private final Connector connector;
  private final Loop loop;
  private final boolean apisWanted;
  private @Nullable ScheduledFuture<?> next;
  private volatile @Nullable String failure = "the cluster was not asked yet";
  private volatile boolean closed;
  private long mentionedAt;
  private long passedOverAt;

  /**
   * @param apisWanted whether the gateway must know which apis the brokers have, because it tells
   *     clients before they are authenticated
   */
  public ClusterWatch(Cluster cluster, Connector connector, Loop loop, boolean apisWanted) {
    this.cluster = cluster;
    this.connector = connector;
    this.loop = loop;
    this.apisWanted = apisWanted;
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
    connector
        .connect(
            loop,
            cluster.anyBroker(),
            Caller.itself(connector.settings().access().accounts().own()))
        .addListener((Future<Connection> connected) -> {
          if (connected.isSuccess()) {
            guarded(connected.getNow(), () -> put(connected.getNow()));
          } else {
            failed(connected.cause().getMessage());
          }
        });
  }

  private void put(Connection connection) {
    SocketChannel channel = connection.channel();
    Questions questions = new Questions(connector.settings().clientId(), loop);
    channel.pipeline().replace(UnclaimedFailures.NAME, null, questions);
    var deadline =
        loop.eventLoop()
            .schedule(
                () ->
                    questions.fail(
                        new IOException("no answer within " + ANSWER.toSeconds() + " seconds")),
                ANSWER.toSeconds(),
                TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> deadline.cancel(false));
    if (!apisWanted) {
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
                  askBrokers(questions, connection);
                });
          } else {
            failed(connection, apis.cause());
          }
        });
  }

  private void askBrokers(Questions questions, Connection connection) {
    questions
        .ask(BROKERS)
        .addListener((Future<Struct> brokers) -> {
          if (brokers.isSuccess()) {
            connection.channel().close();
            guarded(connection, () -> answered(brokersOf(brokers.getNow())));
          } else {
            failed(connection, brokers.cause());
          }
        });
  }

  private Future<Struct> askApis(Questions questions, OwnRequest request) {
    Promise<Struct> apis = loop.eventLoop().newPromise();
    questions
        .ask(request)
        .addListener((Future<Struct> answered) -> {
          if (answered.isSuccess()
              && answered.getNow().getInt("ErrorCode") == OwnRequest.UNSUPPORTED_VERSION
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

  private void answered(Map<Integer, HostPort> brokers) {
    cluster.learnAll(brokers);
    if (failure != null && mentionedAt != 0) {
      log.info("the cluster answers again");
    }
    failure = null;
    mentionedAt = 0;
    schedule(connector.settings().refresh());
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
    if (next != null) {
      next.cancel(false); // one failure may be noticed in two places
    }
    if (!delay.isZero() && !closed) {
      next = loop.eventLoop().schedule(this::ask, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
