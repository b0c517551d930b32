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
 * Requests the cluster's metadata and API versions: at the start, then at the refresh interval, and
 * after failures with exponential backoff and jitter. A cluster that requires a login for which the
 * gateway has no account is not asked; its brokers are learned from responses to clients.
 */
public final class ClusterWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration MAX_RETRY = Duration.ofSeconds(30);
  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(10);

  /** How often a continuing failure is logged. */
  private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Without topics; answered by every broker since 0.10.0, and lists all brokers. */
  private static final GatewayRequest METADATA =
      new GatewayRequest(GatewayRequest.METADATA, 1, body -> body.set("Topics", List.of()));

  /** Supported since Kafka 2.4; older brokers answer UNSUPPORTED_VERSION (KIP-511). */
  private static final GatewayRequest API_VERSIONS =
      new GatewayRequest(
          GatewayRequest.API_VERSIONS,
          3,
          body -> body.set("ClientSoftwareName", "gatehouse").set("ClientSoftwareVersion", "1"));

  private static final GatewayRequest API_VERSIONS_V0 =
      new GatewayRequest(GatewayRequest.API_VERSIONS, 0, body -> {});

  /** Answered with ILLEGAL_SASL_STATE by brokers without SASL on the listener (KIP-43). */
  private static final GatewayRequest SASL_PROBE =
      new GatewayRequest(GatewayRequest.SASL_HANDSHAKE, 1, body -> body.set("Mechanism", "NONE"));

  /** A failed request, at a {@link System#nanoTime}. */
  private record Failure(String why, long at) {}

  /**
   * What the gateway requests from a cluster.
   *
   * @param apis whether to request API versions, which clients are told before authentication
   * @param brokers whether to request the brokers; else they are learned from responses to clients
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
  private boolean querying;
  private int failuresInARow;
  private long loggedAt;
  private long ignoredLoggedAt;

  public ClusterWatch(Cluster cluster, Connector connector, Loop loop, Needs needs) {
    this.cluster = cluster;
    this.connector = connector;
    this.loop = loop;
    this.needs = needs;
    this.wanted = needs;
    this.failure =
        needs.brokers ? new Failure("the cluster was not asked yet", System.nanoTime()) : null;
  }

  /** Sends the first requests. Call it once. */
  public void start() {
    if (!needs.brokers) {
      cluster.setQueryable(false);
    }
    OwnConnections connections = new OwnConnections(cluster, connector, loop);
    TopicNames topics = new TopicNames(connections);
    cluster.topics().setLookup(topics);
    cluster.topics().existing().setLookup(topics);
    TenantTopics ofTenants = new TenantTopics(connections);
    cluster.topics().owned().setLookup(ofTenants);
    cluster.topics().created().setCreator(ofTenants);
    cluster.onWait(() -> loop.execute(this::retrySooner));
    loop.eventLoop().execute(this::query);
  }

  /** Changes what is requested. Any thread. */
  public void setNeeds(Needs other) {
    loop.eventLoop()
        .execute(() -> {
          if (!other.equals(wanted)) {
            wanted = other;
            needs = other;
            cluster.setQueryable(other.brokers);
            if (!querying) {
              query();
            }
          }
        });
  }

  /**
   * The cluster's state for health checks and metrics. Any thread.
   *
   * @param used whether clients are directed to it
   */
  public ClusterState state(String name, boolean used) {
    Failure last = failure;
    // a cluster that answers clients is up even if the gateway's own requests fail
    boolean answersClients = last != null && cluster.updatedAfter(last.at);
    return new ClusterState(
        name,
        last == null || answersClients ? null : last.why,
        cluster.isKnown(),
        needs.brokers,
        cluster.brokers().size(),
        failures.sum(),
        used);
  }

  @Override
  public void close() {
    closed = true;
    if (next != null) {
      next.cancel(false);
    }
  }

  /** Shortens the wait before the next retry, because a client waits for the response. */
  private void retrySooner() {
    ScheduledFuture<?> planned = next;
    Failure last = failure;
    if (last != null && !querying && planned != null) {
      long soonest = RETRY.toNanos() - (System.nanoTime() - last.at);
      if (planned.getDelay(TimeUnit.NANOSECONDS) > soonest) {
        schedule(Duration.ofNanos(Math.max(1, soonest)));
      }
    }
  }

  private void query() {
    if (closed || (!needs.apis && !needs.brokers)) {
      return;
    }
    querying = true;
    connector
        .connect(loop, cluster.anyBroker(), UpstreamIdentity.ofGateway(account()))
        .addListener((Future<Connection> connected) -> {
          if (connected.isSuccess()) {
            guarded(connected.getNow(), () -> queryOver(connected.getNow()));
          } else {
            cluster.setQueryable(!Connector.isLoginRefused(connected.cause()));
            failed(connected.cause().getMessage());
          }
        });
  }

  private @Nullable Login account() {
    return connector.own();
  }

  private void queryOver(Connection connection) {
    BrokerClient client = client(connection);
    if (!needs.apis) {
      queryBrokers(client, connection);
      return;
    }
    queryApiVersions(client, API_VERSIONS)
        .addListener((Future<Struct> apis) -> {
          if (apis.isSuccess()) {
            guarded(
                connection,
                () -> {
                  cluster.learnApiVersions(apis.getNow());
                  if (needs.brokers) {
                    queryBrokers(client, connection);
                  } else {
                    connection.channel().close();
                    succeeded();
                  }
                });
          } else {
            failed(connection, apis.cause());
          }
        });
  }

  private BrokerClient client(Connection connection) {
    SocketChannel channel = connection.channel();
    BrokerClient client = new BrokerClient(connector.settings().clientId(), loop);
    channel.pipeline().replace(PlaceholderHandler.NAME, null, client);
    var deadline =
        loop.eventLoop()
            .schedule(
                () ->
                    client.fail(
                        new IOException(
                            "no answer within " + RESPONSE_TIMEOUT.toSeconds() + " seconds")),
                RESPONSE_TIMEOUT.toSeconds(),
                TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> deadline.cancel(false));
    return client;
  }

  private void queryBrokers(BrokerClient client, Connection connection) {
    client
        .send(METADATA)
        .addListener((Future<Struct> brokers) -> {
          if (brokers.isSuccess()) {
            connection.channel().close();
            guarded(
                connection,
                () -> {
                  cluster.setQueryable(true);
                  cluster.learnAll(brokersOf(brokers.getNow()), racksOf(brokers.getNow()));
                  succeeded();
                });
          } else if (account() == null) {
            probeSasl(connection, brokers.cause());
          } else {
            failed(connection, brokers.cause());
          }
        });
  }

  /**
   * Finds out whether a request failed because the broker requires SASL: it then closes the
   * connection without an error.
   */
  private void probeSasl(Connection before, Throwable cause) {
    before.channel().close();
    connector
        .connect(loop, List.of(before.broker()), UpstreamIdentity.ofGateway(null))
        .addListener((Future<Connection> connected) -> {
          if (!connected.isSuccess()) {
            failed(before, cause);
            return;
          }
          Connection connection = connected.getNow();
          guarded(
              connection,
              () ->
                  client(connection)
                      .send(SASL_PROBE)
                      .addListener((Future<Struct> answered) ->
                          guarded(connection, () -> onSaslProbe(connection, answered, cause))));
        });
  }

  private void onSaslProbe(Connection connection, Future<Struct> answered, Throwable cause) {
    if (answered.isSuccess()
        && answered.getNow().getInt("ErrorCode") != ErrorCode.ILLEGAL_SASL_STATE.number()) {
      connection.channel().close();
      stopQuerying(answered.getNow().get("Mechanisms"));
    } else {
      failed(connection, cause);
    }
  }

  private void stopQuerying(@Nullable Object mechanisms) {
    log.info(
        "the brokers require a login with one of {} and the gateway has no account"
            + " (upstream.login): it no longer requests metadata, and learns the brokers from the"
            + " responses to clients",
        mechanisms);
    needs = new Needs(needs.apis, false);
    cluster.setQueryable(false);
    succeeded();
  }

  private Future<Struct> queryApiVersions(BrokerClient client, GatewayRequest request) {
    Promise<Struct> apis = loop.eventLoop().newPromise();
    client
        .send(request)
        .addListener((Future<Struct> answered) -> {
          if (answered.isSuccess()
              && answered.getNow().getInt("ErrorCode") == ErrorCode.UNSUPPORTED_VERSION.number()
              && request.version() > 0) {
            queryApiVersions(client, API_VERSIONS_V0).addListener(new PromiseNotifier<>(apis));
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

  /** Runs a step and treats an exception as a failed request, so that retries go on. */
  private void guarded(Connection connection, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      if (loggedAt == 0) {
        log.error("the response of {} could not be processed", connection.broker(), e);
      }
      failed(connection, e);
    }
  }

  private Map<Integer, HostPort> brokersOf(Struct response) {
    Map<Integer, HostPort> brokers = new HashMap<>();
    List<String> ignored = new ArrayList<>();
    for (Struct broker : response.getStructs("Brokers")) {
      int id = broker.getInt("NodeId");
      String host = broker.getString("Host");
      int port = broker.getInt("Port");
      if (id < 0 || host.isEmpty() || port <= 0 || port > 65535) {
        ignored.add("broker " + id + " at '" + host + ":" + port + "'");
      } else {
        brokers.put(id, new HostPort(host, port));
      }
    }
    if (!ignored.isEmpty()) {
      logIgnored(ignored);
    }
    return brokers;
  }

  private static Map<Integer, String> racksOf(Struct response) {
    Map<Integer, String> racks = new HashMap<>();
    for (Struct broker : response.getStructs("Brokers")) {
      if (broker.get("Rack") instanceof String rack) {
        racks.put(broker.getInt("NodeId"), rack);
      }
    }
    return racks;
  }

  private void logIgnored(List<String> ignored) {
    long now = System.nanoTime();
    if (ignoredLoggedAt == 0 || now - ignoredLoggedAt > REMIND_NANOS) {
      ignoredLoggedAt = now;
      log.warn(
          "ignoring brokers without a usable address in the cluster's metadata: {}. Check the"
              + " brokers' advertised.listeners",
          ignored);
    }
  }

  private void succeeded() {
    if (failure != null && loggedAt != 0) {
      log.info("the cluster answers again");
    }
    querying = false;
    failure = null;
    failuresInARow = 0;
    loggedAt = 0;
    schedule(connector.settings().refresh());
  }

  private void failed(@Nullable String why) {
    if (closed) {
      return;
    }
    querying = false;
    long now = System.nanoTime();
    failure = new Failure(String.valueOf(why), now);
    failures.increment();
    Duration retry = retry(failuresInARow++);
    if (loggedAt == 0 || now - loggedAt > REMIND_NANOS) {
      loggedAt = now;
      log.warn(
          "the cluster does not answer: {}. Trying again in {} ms, then less and less often, at"
              + " least every {} seconds",
          why,
          retry.toMillis(),
          MAX_RETRY.toSeconds());
    }
    schedule(retry);
  }

  /** Exponential backoff with jitter, so that gateways do not retry at the same time. */
  static Duration retry(int failuresBefore) {
    long millis = RETRY.toMillis() << Math.min(failuresBefore, 10);
    long capped = Math.min(millis, MAX_RETRY.toMillis());
    return Duration.ofMillis(capped * ThreadLocalRandom.current().nextLong(50, 101) / 100);
  }

  private void schedule(Duration delay) {
    if (next != null) {
      next.cancel(false); // a failure may be reported twice
    }
    if (!delay.isZero() && !closed) {
      next = loop.eventLoop().schedule(this::query, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
