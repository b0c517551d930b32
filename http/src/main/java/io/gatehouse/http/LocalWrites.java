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
 * Lets only programs of this machine change anything, or see what clients say, as long as there are
 * no users.
 *
 * <p>An address of this machine is not enough. A proxy here passes on what others ask, and a
 * browser here does what a page from anywhere tells it: such a page has another {@code Origin}, or,
 * where its name was made to lead here (DNS rebinding), a {@code Host} that is not this machine's.
 */
final class LocalWrites {
  private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final Set<String> OF_PROXIES = Set.of("forwarded", "x-real-ip", "via");

  private LocalWrites() {}

  /** Refuses with 403 what may not change anything here, nor see what clients say. */
  static void require(ServerRequest req) {
    var reason = refusal(req);
    if (reason != null) {
      throw new HttpException(
          "%s from this machine only, at http://localhost:%d: %s."
              .formatted(
                  Answer.isRead(req) ? "This is shown to programs" : "Changes are taken",
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
        return "the header %s says that a proxy passed it on".formatted(header.name());
      }
    }
    var host = req.headers().value(HeaderNames.HOST).orElse("");
    if (!isThisMachine(host)) {
      return "the header Host names another";
    }
    var origin = req.headers().value(HeaderNames.ORIGIN).orElse(null);
    if (origin != null && !origin.equalsIgnoreCase("http://" + host)) {
      return "the header Origin says that a page of elsewhere asks";
    }
    var site = req.headers().value(SEC_FETCH_SITE).orElse("none").toLowerCase(Locale.ROOT);
    return Set.of("none", "same-origin").contains(site)
        ? null
        : "the header Sec-Fetch-Site says that a page of elsewhere asks";
  }

  /** Whether a Host header, port and all, names the machine itself. */
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
