package io.gatehouse.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Restricts changes and taps to programs on this machine, where no users are configured.
 *
 * <p>A loopback address is not sufficient. A proxy on this machine may forward requests of others,
 * and a browser on this machine may send requests for any web page: such a request has another
 * {@code Origin} or, with DNS rebinding, a {@code Host} that is not this machine.
 */
final class LocalAccess {
  private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final Set<String> OF_PROXIES = Set.of("forwarded", "x-real-ip", "via");

  private LocalAccess() {}

  /** Throws an exception that responds with 403 unless the request comes from this machine. */
  static void require(ServerRequest req) {
    var reason = refusal(req);
    if (reason != null) {
      throw new HttpException(
          "%s from this machine only, at http://localhost:%d: %s."
              .formatted(
                  Responses.isRead(req) ? "This is available" : "Changes are accepted",
                  req.localPeer().port(),
                  reason),
          Status.FORBIDDEN_403,
          true);
    }
  }

  private static @Nullable String refusal(ServerRequest req) {
    if (!(req.remotePeer().address() instanceof InetSocketAddress peer)
        || !peer.getAddress().isLoopbackAddress()) {
      return "the request comes from another address";
    }
    for (Header header : req.headers()) {
      var name = header.headerName().lowerCase();
      if (OF_PROXIES.contains(name) || name.startsWith("x-forwarded-")) {
        return "the header %s shows that a proxy forwarded it".formatted(header.name());
      }
    }
    var host = req.headers().value(HeaderNames.HOST).orElse("");
    if (!isThisMachine(host)) {
      return "the header Host is not this machine";
    }
    var origin = req.headers().value(HeaderNames.ORIGIN).orElse(null);
    if (origin != null && !Access.isOriginOf(host, origin)) {
      return "the header Origin shows that a page of another site sent it";
    }
    var site = req.headers().value(SEC_FETCH_SITE).orElse("none").toLowerCase(Locale.ROOT);
    return Set.of("none", "same-origin").contains(site)
        ? null
        : "the header Sec-Fetch-Site shows that a page of another site sent it";
  }

  /** Whether a Host header, with or without a port, is this machine. */
  static boolean isThisMachine(String host) {
    var end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    var name = end > 0 ? host.substring(0, end) : host;
    if (name.equalsIgnoreCase("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(name).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
