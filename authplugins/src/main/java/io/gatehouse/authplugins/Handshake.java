package io.gatehouse.authplugins;

import io.gatehouse.auth.sasl.ClientText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The one line in which a plugin says where it listens: {@code
 * CORE|INTERFACE|NETWORK|ADDRESS|PROTOCOL|CERTIFICATE}. Older plugins leave out the last one or two
 * fields, newer ones add more, which are ignored.
 *
 * @param address a unix domain socket, or a port of the loopback interface
 */
record Handshake(SocketAddress address) {

  /** The version of go-plugin's protocol, and of all interfaces here. */
  static final String VERSION = "1";

  /** The longest line in bytes, large enough for a certificate. */
  static final int MAX_LINE = 16 * 1024;

  /** go-plugin itself treats shorter values as something other than a certificate. */
  private static final int SHORTEST_CERTIFICATE = 50;

  /**
   * @throws PluginFailure FAILED_PRECONDITION, with what is wrong with the line
   */
  static Handshake parse(String line) throws PluginFailure {
    String[] parts = line.strip().split("\\|", -1);
    if (parts.length < 4) {
      throw refused(
          "it writes "
              + ClientText.shown(line)
              + " on stdout, where a go-plugin says where it listens: is it a plugin?");
    }
    if (!parts[0].equals(VERSION)) {
      throw refused("it speaks version " + ClientText.shown(parts[0]) + " of go-plugin, not 1");
    }
    if (!parts[1].equals(VERSION)) {
      throw refused("it has version " + ClientText.shown(parts[1]) + " of its interface, not 1");
    }
    String protocol = parts.length > 4 ? parts[4] : "netrpc";
    if (!protocol.equals("grpc")) {
      throw refused(
          "it speaks "
              + ClientText.shown(protocol)
              + ", and only gRPC is spoken here: have it serve gRPC"
              + " (GRPCServer: plugin.DefaultGRPCServer in its ServeConfig)");
    }
    if (parts.length > 5 && parts[5].length() > SHORTEST_CERTIFICATE) {
      throw refused("it wants TLS, which the gateway did not request: have it serve without");
    }
    return new Handshake(address(parts[2], parts[3]));
  }

  /**
   * The unix domain socket that the line names, even if the handshake is refused; null for other
   * networks.
   */
  static @Nullable Path socket(String line) {
    String[] parts = line.strip().split("\\|", -1);
    try {
      return parts.length > 3 && parts[2].equals("unix") ? Path.of(parts[3]) : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static SocketAddress address(String network, String address) throws PluginFailure {
    try {
      return switch (network) {
        case "unix" -> UnixDomainSocketAddress.of(Path.of(address));
        case "tcp" -> tcp(address);
        default ->
            throw refused("it listens on a network " + ClientText.shown(network) + ": unix or tcp");
      };
    } catch (IllegalArgumentException e) {
      throw new PluginFailure(
          GrpcStatus.FAILED_PRECONDITION,
          "it listens at " + ClientText.shown(address) + ", which is no address",
          e);
    }
  }

  private static SocketAddress tcp(String address) throws PluginFailure {
    int colon = address.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("no port");
    }
    String host = address.substring(0, colon).replace("[", "").replace("]", "");
    InetAddress ip =
        host.equals("localhost") ? InetAddress.getLoopbackAddress() : InetAddress.ofLiteral(host);
    if (!ip.isLoopbackAddress()) {
      throw refused(
          "it listens at "
              + ClientText.shown(address)
              + ": passwords and tokens are not sent off this machine without TLS");
    }
    return new InetSocketAddress(ip, Integer.parseInt(address.substring(colon + 1)));
  }

  private static PluginFailure refused(String why) {
    return new PluginFailure(GrpcStatus.FAILED_PRECONDITION, why);
  }
}
