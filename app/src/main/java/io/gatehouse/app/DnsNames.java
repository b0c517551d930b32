package io.gatehouse.app;

import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import java.io.PrintStream;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The host names that are advertised to clients. DNS must resolve them and certificates must
 * contain them.
 */
final class DnsNames {

  private final @Nullable Range brokers;

  /** A range of node ids, both ends included. */
  private record Range(int first, int last) {}

  /**
   * @param brokers node ids such as {@code 0-2}, or null if they are not known
   * @throws IllegalArgumentException if the text is not a range
   */
  DnsNames(@Nullable String brokers) {
    this.brokers = brokers == null ? null : range(brokers);
  }

  private static Range range(String text) {
    String[] ends = text.strip().split("-", 2);
    try {
      int first = Integer.parseInt(ends[0]);
      int last = ends.length == 1 ? first : Integer.parseInt(ends[1]);
      if (first >= 0 && last >= first && last - first < 10_000) {
        return new Range(first, last);
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException("--brokers: '" + text + "' is not a range such as 0-2");
  }

  void print(GatewaySettings settings, PrintStream out) {
    for (ListenerSettings listener : settings.listeners()) {
      print(listener, out);
    }
  }

  private void print(ListenerSettings listener, PrintStream out) {
    boolean tls = listener.entry().tls() != null;
    out.printf(
        Locale.ROOT,
        "listener %s (cluster %s, %s)%n",
        listener.name(),
        listener.entry().cluster(),
        tls ? "TLS" : "plaintext");
    Set<String> names = names(listener);
    if (names.isEmpty()) {
      out.println("  each client is told the address it connected to: no fixed name");
      if (tls) {
        out.println("  certificate: the names and addresses that clients connect to");
      }
      return;
    }
    out.println("  names that must resolve to this gateway or to its load balancer:");
    names.forEach(name -> out.println("    " + name + (isAddress(name) ? " (an address)" : "")));
    out.println("  ports that clients connect to: " + ports(listener.routing()));
    if (tls) {
      List<String> entries =
          names.stream().map(name -> (isAddress(name) ? "IP:" : "DNS:") + name).toList();
      out.println("  certificate, subjectAltName:");
      out.println("    " + String.join(",", entries));
    }
  }

  private Set<String> names(ListenerSettings listener) {
    Set<String> names = new LinkedHashSet<>();
    switch (listener.routing()) {
      case Routing.BySni sni -> {
        names.add(sni.bootstrapHost());
        add(names, sni.node());
      }
      case Routing.ByNodeId _ -> {
        if (listener.advertisedHost() != null) {
          names.add(listener.advertisedHost());
        }
      }
      case Routing.ByAddress byAddress -> {
        byAddress.servers().forEach(mapping -> add(names, mapping.advertised()));
        byAddress.external().values().forEach(address -> add(names, address));
        dynamic(names, byAddress.dynamic());
      }
    }
    return names;
  }

  private void dynamic(Set<String> names, Routing.@Nullable Dynamic dynamic) {
    if (dynamic == null || dynamic.advertised() == null) {
      return;
    }
    String host = dynamic.advertised().replaceFirst(":\\d+$", "");
    String id = "{{.brokerId}}";
    int at = host.indexOf(id);
    if (at < 0) {
      names.add(host);
      return;
    }
    add(names, new HostPattern(host.substring(0, at), host.substring(at + id.length())));
  }

  private void add(Set<String> names, HostPattern pattern) {
    if (brokers == null) {
      names.add(wildcard(pattern));
    } else {
      for (int id = brokers.first; id <= brokers.last; id++) {
        names.add(pattern.host(id));
      }
    }
  }

  /** Certificates support wildcards only for a whole label. */
  private static String wildcard(HostPattern pattern) {
    String suffix = pattern.suffix();
    int dot = suffix.indexOf('.');
    String prefix = pattern.prefix();
    boolean first = prefix.indexOf('.') < 0;
    return first && dot >= 0 ? "*" + suffix.substring(dot) : pattern.toString();
  }

  private static void add(Set<String> names, @Nullable HostPort address) {
    if (address != null) {
      names.add(address.host());
    }
  }

  private static String ports(Routing routing) {
    return switch (routing) {
      case Routing.BySni sni -> Integer.toString(sni.port().advertised());
      case Routing.ByNodeId byNodeId -> {
        String first = Integer.toString(byNodeId.ports().pairs().getFirst().advertised());
        String all =
            byNodeId.ports().open()
                ? first + " and on"
                : String.join(
                    ",",
                    byNodeId.ports().pairs().stream()
                        .map(pair -> Integer.toString(pair.advertised()))
                        .toList());
        yield byNodeId.bootstrap() == null ? all : byNodeId.bootstrap().advertised() + "," + all;
      }
      case Routing.ByAddress byAddress ->
          String.join(
              ",",
              byAddress.servers().stream()
                  .map(mapping ->
                      mapping.advertised() == null ? mapping.listen() : mapping.advertised())
                  .map(address -> Integer.toString(address.port()))
                  .toList());
    };
  }

  private static boolean isAddress(String name) {
    try {
      return !InetAddress.ofLiteral(name).getHostAddress().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
