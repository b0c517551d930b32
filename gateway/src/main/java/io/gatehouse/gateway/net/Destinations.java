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
 * The addresses the gateway connects to for a cluster's brokers. A host that metadata names but
 * that does not belong to the cluster is refused, because the gateway would send it credentials.
 */
public final class Destinations {

  private static final Logger log = LoggerFactory.getLogger(Destinations.class);

  /** Each host is logged once, and at most this many hosts are. */
  private static final int MAX_LOGGED_HOSTS = 100;

  private final String cluster;
  private final Map<HostPort, HostPort> replacements;
  private final BrokerHosts hosts;

  /** Hosts named in the cluster's settings, which are always allowed. */
  private final Set<String> named;

  /** Hosts named in the settings of the cluster's listeners, which are always allowed too. */
  private volatile Set<String> listenerHosts = Set.of();

  private final Set<String> loggedHosts = ConcurrentHashMap.newKeySet();

  private Destinations(
      String cluster, Map<HostPort, HostPort> replacements, BrokerHosts hosts, Set<String> named) {
    this.cluster = cluster;
    this.replacements = replacements;
    this.hosts = hosts;
    this.named = named;
  }

  /**
   * Creates the destinations that a cluster's settings allow.
   *
   * @param cluster the cluster's name, for the log
   */
  public static Destinations of(String cluster, UpstreamSettings settings) {
    Set<String> named =
        hosts(
            Stream.concat(settings.bootstrapServers().stream(), settings.dial().keySet().stream()));
    return new Destinations(cluster, settings.dial(), settings.hosts(), named);
  }

  /** Allows the brokers that listeners of this cluster name; replaces those allowed before. */
  public void allow(Collection<HostPort> brokers) {
    listenerHosts = hosts(brokers.stream());
  }

  private static Set<String> hosts(Stream<HostPort> addresses) {
    return addresses
        .map(one -> HostPattern.normalize(one.host()))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Destinations that allow any host. */
  static Destinations unrestricted(Map<HostPort, HostPort> replacements) {
    return new Destinations(
        "", replacements, BrokerHosts.of(List.of(new HostRule.Name("*"))), Set.of());
  }

  /** The address to connect to for a broker: its replacement in the settings, or its own. */
  HostPort target(HostPort broker) {
    return replacements.getOrDefault(broker, broker);
  }

  /**
   * Resolves a broker's name to the addresses that may be connected to. The future completes on
   * {@code loop}; it fails with an {@link IOException} that gives the reason if there is none.
   *
   * @param lookup resolves the name; not called for a broker whose name is refused
   * @param viaProxy whether a forward proxy resolves the broker's name, and {@code lookup} resolves
   *     the proxy's
   */
  Future<List<InetSocketAddress>> resolve(
      Loop loop,
      HostPort broker,
      Supplier<Future<List<InetSocketAddress>>> lookup,
      boolean viaProxy) {
    String host = HostPattern.normalize(broker.host());
    if (named.contains(host) || listenerHosts.contains(host)) {
      return lookup.get();
    }
    return switch (hosts.verdict(broker.host())) {
      case ALLOWED -> lookup.get();
      case UNCERTAIN -> {
        warnUnverified(broker);
        yield lookup.get();
      }
      case REFUSED -> loop.eventLoop().newFailedFuture(refused(loop, broker));
      case BY_ADDRESS -> {
        if (!viaProxy) {
          yield allowed(loop, broker, lookup.get());
        }
        if (!hosts.inferred()) {
          yield loop.eventLoop().newFailedFuture(refused(loop, broker));
        }
        warnUnverified(broker); // an inferred rule does not refuse an address it cannot check
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
    if (shouldLog(broker)) {
      log.warn("{}. If it is one of the cluster's brokers, list its name or network there", why);
    }
    return new IOException(why);
  }

  private void warnUnverified(HostPort broker) {
    if (shouldLog(broker)) {
      log.warn(
          "the cluster {} names the broker {}, and its bootstrap servers do not show whether that"
              + " host belongs to it; it is accepted. List the cluster's hosts in upstream.hosts",
          cluster,
          broker);
    }
  }

  private boolean shouldLog(HostPort broker) {
    return loggedHosts.size() < MAX_LOGGED_HOSTS && loggedHosts.add(broker.host());
  }
}
