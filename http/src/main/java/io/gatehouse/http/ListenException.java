package io.gatehouse.http;

import io.gatehouse.http.HttpSettings.Listen;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.util.Locale;

/** The server could not listen. The message is complete: it is shown to the user as it is. */
public final class ListenException extends IOException {
  private static final long serialVersionUID = 1L;

  private ListenException(Listen listen, String reason, IOException cause) {
    super(
        "HTTP server cannot listen on %s: %s; %s changes it"
            .formatted(HostPort.of(listen.host(), listen.port()), reason, listen.setting()),
        cause);
  }

  /**
   * Binds the address and lets go of it again. Helidon only logs why it could not bind, so the
   * reason is found here, and before any of its classes are loaded.
   */
  static void probe(Listen listen) throws ListenException {
    var address = new InetSocketAddress(listen.host(), listen.port());
    if (address.isUnresolved()) {
      throw new ListenException(listen, "no such host", new SocketException("unresolved"));
    }
    try (var channel = ServerSocketChannel.open()) {
      channel.bind(address);
    } catch (IOException e) {
      throw of(listen, e);
    }
  }

  /** Whether nobody listens there; false also when there is no telling. */
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
              "the port is taken by another process";
          case BindException _ when text.contains("assign") -> "this machine has no such address";
          case SocketException _ when text.contains("denied") ->
              "the system does not permit this port (below 1024?)";
          default -> String.valueOf(e.getMessage());
        };
    return new ListenException(listen, reason, e);
  }
}
