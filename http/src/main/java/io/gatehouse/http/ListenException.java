package io.gatehouse.http;

import io.gatehouse.http.HttpSettings.Listen;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.util.Locale;

/** The server could not bind its address. The message is for the user. */
public final class ListenException extends IOException {
  private static final long serialVersionUID = 1L;

  private ListenException(Listen listen, String reason, IOException cause) {
    super(
        "HTTP server cannot listen on %s: %s; %s changes it"
            .formatted(address(listen), reason, listen.setting()),
        cause);
  }

  /**
   * Binds the address and releases it again. Helidon only logs why it cannot bind, so the reason is
   * determined here, before its classes are loaded.
   */
  static void probe(Listen listen) throws ListenException {
    var address = new InetSocketAddress(listen.host(), listen.port());
    if (address.isUnresolved()) {
      throw new ListenException(listen, "unknown host", new SocketException("unresolved"));
    }
    try (var channel = ServerSocketChannel.open()) {
      channel.bind(address);
    } catch (IOException e) {
      throw of(listen, e);
    }
  }

  /** Whether the address can be bound. False also if this cannot be determined. */
  static boolean isFree(Listen listen) {
    try {
      probe(listen);
      return true;
    } catch (ListenException _) {
      return false;
    }
  }

  static ListenException of(Listen listen, IOException e) {
    var text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    var reason =
        switch (e) {
          case BindException _ when text.contains("in use") ->
              "the port is in use by another process";
          case BindException _ when text.contains("assign") -> "this machine has no such address";
          case SocketException _ when text.contains("denied") ->
              "the system does not permit this port (below 1024?)";
          default -> String.valueOf(e.getMessage());
        };
    return new ListenException(listen, reason, e);
  }

  /** {@code host:port}, with an IPv6 literal in brackets. */
  static String address(Listen listen) {
    var host = listen.host();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + listen.port();
  }
}
