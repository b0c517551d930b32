package io.gatehouse.gateway;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.tls.CertificateNames;
import io.gatehouse.tls.FileWatch;
import io.gatehouse.tls.TlsConfigException;
import io.gatehouse.tls.TlsContext;
import io.gatehouse.tls.TlsSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool key of a TLS context for clients, brokers or a forward proxy. Equal settings share a
 * context.
 *
 * @param name for logs and metrics; not part of equality
 * @param watch checks the files of all contexts for changes
 */
record Tls(String name, TlsSettings settings, FileWatch watch) implements Source<TlsContext> {

  private static final Logger log = LoggerFactory.getLogger(Tls.class);

  @Override
  public TlsContext open(Leases parts) throws SourceException {
    try {
      return TlsContext.open(name, settings, watch);
    } catch (TlsConfigException e) {
      throw new SourceException(e);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Tls that && settings.equals(that.settings) && watch == that.watch;
  }

  @Override
  public int hashCode() {
    return settings.hashCode();
  }

  /** Warns if clients will be told host names that are not in the certificate they verify. */
  static void warnOfMissingNames(ListenerSettings listener, TlsContext context) {
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
