package io.gatehouse.gateway;

import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.tls.CertificateNames;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.FileWatch;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TlsConfigException;
import io.gatehouse.tls.TlsContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The TLS contexts of all listeners and clusters. */
final class Tls implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Tls.class);

  private final FileWatch watch;
  private final Map<String, TlsContext> listeners = new LinkedHashMap<>();
  private final Map<String, TlsContext> upstreams = new LinkedHashMap<>();
  private final Map<String, TlsContext> proxies = new LinkedHashMap<>();

  private Tls(FileWatch watch) {
    this.watch = watch;
  }

  /**
   * @throws TlsConfigException for the first that cannot be used
   */
  static Tls load(GatewaySettings settings, Duration interval) throws TlsConfigException {
    Tls all = new Tls(new FileWatch(interval));
    try {
      Map<ServerTls, TlsContext> shared = new HashMap<>();
      for (ListenerSettings listener : settings.listeners()) {
        ServerTls tls = listener.entry().tls();
        if (tls != null) {
          TlsContext context = shared.get(tls);
          if (context == null) {
            context = TlsContext.server("listener " + listener.name(), tls, all.watch);
            shared.put(tls, context);
          }
          all.listeners.put(listener.name(), context);
          warnOfMissingNames(listener, context);
        }
      }
      for (var upstream : settings.upstreams().entrySet()) {
        String name = upstream.getKey();
        ClientTls tls = upstream.getValue().access().tls();
        if (tls != null) {
          all.upstreams.put(name, TlsContext.client("cluster " + name, tls, all.watch));
        }
        ForwardProxy proxy = upstream.getValue().access().forwardProxy();
        if (proxy != null && proxy.tls() != null) {
          all.proxies.put(
              name, TlsContext.client("forward proxy of " + name, proxy.tls(), all.watch));
        }
      }
      return all;
    } catch (TlsConfigException | RuntimeException e) {
      all.close();
      throw e;
    }
  }

  /** Of a listener, or null if it has none. */
  @Nullable TlsContext listener(String name) {
    return listeners.get(name);
  }

  /** Of a cluster, or null if it has none. */
  @Nullable TlsContext upstream(String name) {
    return upstreams.get(name);
  }

  /** Of the forward proxy before a cluster, or null if it has none. */
  @Nullable TlsContext forwardProxy(String cluster) {
    return proxies.get(cluster);
  }

  List<TlsContext> contexts() {
    return Stream.of(listeners, upstreams, proxies)
        .flatMap(some -> some.values().stream())
        .distinct()
        .toList();
  }

  @Override
  public void close() {
    watch.close();
    contexts().forEach(TlsContext::close);
  }

  /** Clients verify the names they are told: a certificate without them is found out at once. */
  private static void warnOfMissingNames(ListenerSettings listener, TlsContext context) {
    List<String> told =
        switch (listener.routing()) {
          case Routing.BySni sni -> List.of(sni.bootstrapHost(), sni.node().host(0));
          case Routing.ByNodeId _ ->
              listener.advertisedHost() == null ? List.of() : List.of(listener.advertisedHost());
          case Routing.ByAddress byAddress ->
              byAddress.servers().stream()
                  .filter(mapping -> mapping.advertised() != null)
                  .map(mapping -> java.util.Objects.requireNonNull(mapping.advertised()).host())
                  .toList();
        };
    List<String> lacking = new CertificateNames(context.certificates().getFirst()).lacking(told);
    if (!lacking.isEmpty()) {
      log.warn(
          "listener {}: clients will be told to connect to {}, and the certificate is not for {}",
          listener.name(),
          told,
          lacking);
    }
  }
}
