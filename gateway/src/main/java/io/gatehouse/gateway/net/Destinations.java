package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.BrokerHosts;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.HostRule;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the gateway connects to for a cluster's brokers. Hosts that do not belong to the cluster
 * are not connected to, whatever metadata says: whoever is, is shown credentials.
 */
public final class Destinations {

  private static final Logger log = LoggerFactory.getLogger(Destinations.class);

  /** Each host is mentioned once, and no more of them than this. */
  private static final int MOST_MENTIONED = 100;

  private final String cluster;
  private final Map<HostPort, HostPort> instead;
  private final BrokerHosts hosts;

  /** Hosts that the cluster's settings name themselves, which are always allowed. */
  private final Set<String> named;

  /** The same of its listeners' settings. */
  private volatile Set<String> mapped = Set.of();

  private final Set<String> mentioned = ConcurrentHashMap.newKeySet();

  private Destinations(
      String cluster, Map<HostPort, HostPort> instead, BrokerHosts hosts, Set<String> named) {
    this.cluster = cluster;
    this.instead = instead;
    this.hosts = hosts;
    this.named = named;
  }

  /**
   * As a cluster's settings say.
   *
   * @param cluster its name, for the log
   */
  public static Destinations of(String cluster, UpstreamSettings settings) {
    Set<String> named =
        hosts(
            Stream.concat(settings.bootstrapServers().stream(), settings.dial().keySet().stream()));
    return new Destinations(cluster, settings.dial(), settings.hosts(), named);
  }

  /** Brokers that listeners of this cluster name are allowed too, in place of those before. */
  public void mapped(Collection<HostPort> brokers) {
    mapped = hosts(brokers.stream());
  }

  private static Set<String> hosts(Stream<HostPort> addresses) {
    return addresses
        .map(one -> HostPattern.normal(one.host()))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Any host may be a broker. */
  static Destinations anywhere(Map<HostPort, HostPort> instead) {
    return new Destinations("", instead, BrokerHosts.of(List.of(new HostRule.Name("*"))), Set.of());
  }

  /** Where to connect for a broker. */
  HostPort target(HostPort broker) {
    return instead.getOrDefault(broker, broker);
  }

  /**
   * Looks a broker's addresses up, and leaves those that may be connected to. The future completes
   * on {@code loop}; it fails with an {@link IOException} that says why there is none.
   *
   * @param lookup asked only for a broker whose name does not forbid it
   * @param elsewhere whether a forward proxy looks the broker's name up, and {@code lookup} tells
   *     the proxy's addresses
   */
  Future<List<InetSocketAddress>> resolve(
      Loop loop,
      HostPort broker,
      Supplier<Future<List<InetSocketAddress>>> lookup,
      boolean elsewhere) {
    String host = HostPattern.normal(broker.host());
    if (named.contains(host) || mapped.contains(host)) {
      return lookup.get();
    }
    return switch (hosts.verdict(broker.host())) {
      case ALLOWED -> lookup.get();
      case DOUBTFUL -> {
        doubt(broker);
        yield lookup.get();
      }
      case REFUSED -> loop.eventLoop().newFailedFuture(refused(loop, broker));
      case BY_ADDRESS -> {
        if (!elsewhere) {
          yield allowed(loop, broker, lookup.get());
        }
        if (!hosts.guessed()) {
          yield loop.eventLoop().newFailedFuture(refused(loop, broker));
        }
        doubt(broker); // what cannot be seen is not refused by a guess
        yield lookup.get();
      }
    };
  }

  private Future<List<InetSocketAddress>> allowed(
      Loop loop, HostPort broker, Future<List<InetSocketAddress>> lookup) {
    Promise<List<InetSocketAddress>> promise = loop.eventLoop().newPromise();
    lookup.addListener((Future<List<InetSocketAddress>> found) -> {
      if (!found.isSuccess()) {
        promise.tryFailure(found.cause());
        return;
      }
      List<InetSocketAddress> allowed =
          found.getNow().stream().filter(one -> hosts.contains(one.getAddress())).toList();
      if (allowed.isEmpty()) {
        promise.tryFailure(refused(loop, broker));
      } else {
        promise.trySuccess(allowed);
      }
    });
    return promise;
  }

  private IOException refused(Loop loop, HostPort broker) {
    loop.metrics().brokerRefused();
    String why =
        broker
            + " is not connected to: it is not among the hosts of the cluster "
            + cluster
            + " (upstream.hosts; by default the domain or network of its bootstrap servers)";
    if (mentions(broker)) {
      log.warn("{}. If it is one of the cluster's brokers, list its name or network there", why);
    }
    return new IOException(why);
  }

  private void doubt(HostPort broker) {
    if (mentions(broker)) {
      log.warn(
          "the cluster {} names the broker {}, and its bootstrap servers do not tell whether that"
              + " host is one of its own; it is trusted. List the cluster's hosts in"
              + " upstream.hosts",
          cluster,
          broker);
    }
  }

  private boolean mentions(HostPort broker) {
    return mentioned.size() < MOST_MENTIONED && mentioned.add(broker.host());
  }
}
