package io.gatehouse.gateway.tap;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The frames that a tap shows.
 *
 * @param listener name of the clients' listener; null for all
 * @param client the clients; null for all
 * @param apiKeys Kafka API keys; empty for all
 */
public record TapFilter(@Nullable String listener, @Nullable Client client, Set<Integer> apiKeys) {

  /** Every frame. */
  public static final TapFilter ALL = new TapFilter(null, null, Set.of());

  public TapFilter {
    apiKeys = Set.copyOf(apiKeys);
  }

  /** Matches clients by address or client id. */
  public sealed interface Client {

    Pattern IPV4 = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3})(?::(\\d{1,5}))?");
    Pattern IPV6 = Pattern.compile("\\[([0-9a-fA-F:.]+)](?::(\\d{1,5}))?");

    boolean matches(InetSocketAddress address, @Nullable String clientId);

    /**
     * Parses an IP address with an optional port (IPv6 with a port in brackets); any other text is
     * a client id.
     */
    static Client of(String text) {
      for (Pattern pattern : new Pattern[] {IPV4, IPV6}) {
        Matcher literal = pattern.matcher(text);
        if (literal.matches()) {
          String port = literal.group(2);
          return at(text, literal.group(1), port == null ? 0 : Integer.parseInt(port));
        }
      }
      return text.indexOf(':') == text.lastIndexOf(':') ? new Named(text) : at(text, text, 0);
    }

    private static Client at(String text, String address, int port) {
      try {
        return new At(InetAddress.ofLiteral(address), port);
      } catch (IllegalArgumentException _) {
        return new Named(text);
      }
    }
  }

  /**
   * @param port 0 for all connections from this address
   */
  record At(InetAddress address, int port) implements Client {
    @Override
    public boolean matches(InetSocketAddress of, @Nullable String clientId) {
      return (port == 0 || port == of.getPort()) && address.equals(of.getAddress());
    }
  }

  /**
   * @param id client id of the connection's first request
   */
  record Named(String id) implements Client {
    @Override
    public boolean matches(InetSocketAddress of, @Nullable String clientId) {
      return id.equals(clientId);
    }
  }

  boolean matches(TapFrame.Peer peer, int apiKey) {
    return (listener == null || listener.equals(peer.listener()))
        && (client == null || client.matches(peer.address(), peer.clientId()))
        && (apiKeys.isEmpty() || apiKeys.contains(apiKey));
  }
}
