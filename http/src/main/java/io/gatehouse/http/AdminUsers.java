package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.Secret;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authenticates users of the admin API by HTTP Basic (RFC 7617). Without configured users there is
 * one, with a random password that is logged when the API is first used.
 */
final class AdminUsers {
  private static final Logger LOG = LoggerFactory.getLogger(AdminUsers.class);
  private static final String BASIC = "Basic ";
  private static final int RANDOM_BYTES = 15;

  private final List<AdminUser> users;
  private final FailedLogins failures;

  /** The result of checking the credentials of a request. */
  sealed interface Login {
    record Known(AdminUser user) implements Login {}

    /** No credentials, or wrong ones. */
    record Unknown() implements Login {}

    /** The address had too many wrong passwords and must wait. */
    record Slowed(Duration left) implements Login {}
  }

  AdminUsers(List<AdminUser> users, LongSupplier nanos) {
    this.users = users.isEmpty() ? List.of(random()) : List.copyOf(users);
    this.failures = new FailedLogins(nanos);
  }

  private static AdminUser random() {
    var bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    var password = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    LOG.warn(
        "The admin API has no users (admin.users, GATEWAY_ADMIN_API_USERS): until the gateway ends,"
            + " the user admin has the password {}",
        password);
    return new AdminUser("admin", new Secret(password), true);
  }

  Login login(ServerRequest req) {
    var address =
        req.remotePeer().address() instanceof InetSocketAddress peer
            ? peer.getAddress()
            : InetAddress.getLoopbackAddress();
    var header = req.headers().value(HeaderNames.AUTHORIZATION).orElse("");
    // One at a time, so that parallel connections get no more attempts than one.
    synchronized (failures) {
      return login(address, header);
    }
  }

  private Login login(InetAddress address, String header) {
    var wait = failures.wait(address);
    if (!wait.isZero()) {
      return new Login.Slowed(wait);
    }
    if (header.isEmpty()) {
      return new Login.Unknown();
    }
    var user = find(header);
    if (user == null) {
      failures.failed(address);
      LOG.warn("A login at the admin API with wrong credentials from {}", address.getHostAddress());
      return new Login.Unknown();
    }
    return new Login.Known(user);
  }

  /** Compares with all users in constant time. */
  private @Nullable AdminUser find(String header) {
    if (!header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return null;
    }
    String given;
    try {
      given =
          new String(Base64.getDecoder().decode(header.substring(BASIC.length()).strip()), UTF_8);
    } catch (IllegalArgumentException _) {
      return null;
    }
    var hash = hash(given);
    AdminUser found = null;
    for (var user : users) {
      if (MessageDigest.isEqual(hash, hash(user.name() + ":" + user.password().reveal()))) {
        found = user;
      }
    }
    return found;
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Java lacks SHA-256", e);
    }
  }
}
