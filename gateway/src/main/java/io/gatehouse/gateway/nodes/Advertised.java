package io.gatehouse.gateway.nodes;

import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The addresses at which one listener of a gateway node serves brokers, with a text form that other
 * nodes can read.
 */
public sealed interface Advertised {

  /** A bound on memory, more than any cluster has. */
  int MAX_BROKERS = 10_000;

  /** What clients are told for a broker; null if the node has no address for it. */
  @Nullable HostPort address(int broker);

  /** Whether both have addresses for some broker, and these never differ. */
  boolean isSame(Advertised other);

  /** A text that {@link #parse} can read. */
  @Override
  String toString();

  /** One address per broker. */
  record ByPort(Map<Integer, HostPort> brokers) implements Advertised {
    public ByPort {
      brokers = Map.copyOf(brokers);
    }

    @Override
    public @Nullable HostPort address(int broker) {
      return brokers.get(broker);
    }

    @Override
    public boolean isSame(Advertised other) {
      if (!(other instanceof ByPort ports)) {
        return false;
      }
      boolean common = false;
      for (Map.Entry<Integer, HostPort> broker : brokers.entrySet()) {
        HostPort address = ports.address(broker.getKey());
        if (address != null && !address.equals(broker.getValue())) {
          return false;
        }
        common |= address != null;
      }
      return common;
    }

    /**
     * {@code 0-2=gateway-1:9093 7=gateway-1:9100}: the brokers from 0 to 2 are at ports 9093 to
     * 9095, broker 7 at port 9100.
     */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      int first = 0;
      int last = 0;
      HostPort start = null;
      for (Map.Entry<Integer, HostPort> broker : new TreeMap<>(brokers).entrySet()) {
        int id = broker.getKey();
        if (start == null
            || id != last + 1
            || !broker.getValue().equals(start.withPort(start.port() + id - first))) {
          append(text, first, last, start);
          first = id;
          start = broker.getValue();
        }
        last = id;
      }
      append(text, first, last, start);
      return text.toString();
    }

    private static void append(StringBuilder text, int first, int last, @Nullable HostPort start) {
      if (start != null) {
        text.append(text.isEmpty() ? "" : " ").append(first);
        if (last > first) {
          text.append('-').append(last);
        }
        text.append('=').append(start);
      }
    }
  }

  /** One port, where each broker has a host name (SNI). */
  record ByName(HostPattern hosts, int port) implements Advertised {
    @Override
    public @Nullable HostPort address(int broker) {
      return new HostPort(hosts.host(broker), port);
    }

    @Override
    public boolean isSame(Advertised other) {
      return equals(other);
    }

    /** {@code broker-{{nodeId}}.example.com:9092}. */
    @Override
    public String toString() {
      return hosts + ":" + port;
    }
  }

  /** The listener has no address that another node could tell its clients. */
  static Advertised none() {
    return new ByPort(Map.of());
  }

  /** Whether there is no address at all. */
  default boolean isEmpty() {
    return this instanceof ByPort ports && ports.brokers.isEmpty();
  }

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException with the part that is not understood
   */
  static Advertised parse(String text) {
    if (text.contains(HostPattern.NODE_ID)) {
      int colon = text.lastIndexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("'" + text + "' has no port");
      }
      return new ByName(
          HostPattern.parse(text.substring(0, colon)), port(text.substring(colon + 1)));
    }
    Map<Integer, HostPort> brokers = new HashMap<>();
    for (String part : text.isBlank() ? new String[0] : text.strip().split(" +")) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("'" + part + "' is not brokers=host:port");
      }
      String ids = part.substring(0, equals);
      int dash = ids.indexOf('-');
      int first = id(dash < 0 ? ids : ids.substring(0, dash));
      int last = dash < 0 ? first : id(ids.substring(dash + 1));
      HostPort start = HostPort.parse(part.substring(equals + 1));
      if (last < first
          || last - first >= MAX_BROKERS - brokers.size()
          || start.port() < 1
          || start.port() + last - first > 65_535) {
        throw new IllegalArgumentException("'" + part + "' names too many brokers or ports");
      }
      for (int id = first; id <= last; id++) {
        brokers.put(id, start.withPort(start.port() + id - first));
      }
    }
    return new ByPort(brokers);
  }

  private static int id(String digits) {
    int id = Integer.parseInt(digits);
    if (id < 0) {
      throw new IllegalArgumentException("the broker id " + id + " is negative");
    }
    return id;
  }

  private static int port(String digits) {
    int port = Integer.parseInt(digits);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
    }
    return port;
  }
}
