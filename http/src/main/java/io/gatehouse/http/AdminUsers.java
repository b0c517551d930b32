package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.token.VerifiedToken;
import io.gatehouse.auth.sasl.users.AddressLimiter;
import io.gatehouse.control.Actor;
import io.gatehouse.control.Rights;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recognises the users of HTTP by a password (HTTP Basic, RFC 7617), a token of an identity
 * provider (RFC 6750) or a client certificate. Without configured users there is one, with a random
 * password that is logged when a user is first needed.
 */
public final class AdminUsers {
  private static final Logger LOG = LoggerFactory.getLogger(AdminUsers.class);
  private static final String BASIC = "Basic ";
  private static final String BEARER = "Bearer ";
  private static final int RANDOM_BYTES = 15;

  private final UserSettings settings;
  private final Leases leases;
  private final FailedLogins failures;
  private final LongSupplier nanos;

  /** Created when a user is first needed, like the following field. */
  private volatile @Nullable UserTable table;

  private final AddressLimiter passwordLimiter = AddressLimiter.forBcrypt();

  /** A token may have to wait for keys from the network. */
  private final AddressLimiter tokenLimiter = new AddressLimiter(8, Duration.ofSeconds(15));

  /** The result of checking the credentials of a request. */
  sealed interface Login {
    record Known(Actor user) implements Login {}

    /** No credentials, or wrong ones. */
    record Unknown() implements Login {}

    /** The address had too many wrong passwords and must wait. */
    record Slowed(Duration left) implements Login {}

    /** The credentials cannot be checked now. */
    record Unavailable() implements Login {}
  }

  /**
   * @param leases for the keys of the identity provider
   */
  public AdminUsers(UserSettings settings, Leases leases) {
    this(settings, leases, System::nanoTime);
  }

  AdminUsers(UserSettings settings, Leases leases, LongSupplier nanos) {
    this.settings = settings;
    this.leases = leases;
    this.failures = new FailedLogins(nanos);
    this.nanos = nanos;
  }

  /**
   * Reads the file of users, if there is one.
   *
   * @throws IOException when it cannot be read or is not valid, with a message for the user
   */
  public void check() throws IOException {
    var file = settings.file();
    if (file != null) {
      try {
        settings.with(file.parse(file.text()));
      } catch (IllegalArgumentException e) {
        throw new IOException("admin.usersFile: " + e.getMessage(), e);
      }
    }
  }

  /** Whether users are configured. */
  boolean isConfigured() {
    return settings.isGiven();
  }

  private UserTable table() {
    var known = table;
    if (known == null) {
      synchronized (this) {
        known = table;
        if (known == null) {
          known =
              new UserTable(
                  settings.isGiven() ? settings : UserSettings.of(List.of(random())), nanos);
          table = known;
        }
      }
    }
    return known;
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
    var users = table().current();
    var header = req.headers().value(HeaderNames.AUTHORIZATION).orElse("");
    if (header.isEmpty()) {
      return byCertificate(req, users);
    }
    var left = failures.wait(address);
    if (!left.isZero()) {
      return new Login.Slowed(left);
    }
    var given = credentials(header);
    try {
      if (given instanceof Basic basic
          && users.passwords().isRemembered(basic.name, basic.password)) {
        return new Login.Known(users.byName(basic.name));
      }
      var result = new Login[] {new Login.Unknown()};
      // One at a time for each address, so that parallel connections get no more attempts.
      (given instanceof Bearer ? tokenLimiter : passwordLimiter)
          .run(
              FailedLogins.network(address),
              () -> {
                result[0] = attempt(req, given, users, address);
                return true;
              });
      return result[0];
    } catch (SaslFailure e) {
      return new Login.Slowed(Duration.ofSeconds(1));
    }
  }

  private sealed interface Credentials {}

  private record Basic(String name, Secret password) implements Credentials {}

  private record Bearer(Secret token) implements Credentials {}

  private record Malformed() implements Credentials {}

  private static Credentials credentials(String header) {
    if (startsWith(header, BEARER)) {
      return new Bearer(new Secret(header.substring(BEARER.length()).strip()));
    }
    if (!startsWith(header, BASIC)) {
      return new Malformed();
    }
    try {
      var text =
          new String(Base64.getDecoder().decode(header.substring(BASIC.length()).strip()), UTF_8);
      var colon = text.indexOf(':');
      return colon < 0
          ? new Malformed()
          : new Basic(text.substring(0, colon), new Secret(text.substring(colon + 1)));
    } catch (IllegalArgumentException _) {
      return new Malformed();
    }
  }

  private static boolean startsWith(String header, String scheme) {
    return header.regionMatches(true, 0, scheme, 0, scheme.length());
  }

  private Login attempt(
      ServerRequest req, Credentials given, UserTable.Users users, InetAddress address) {
    var left = failures.wait(address);
    if (!left.isZero()) {
      return new Login.Slowed(left);
    }
    try {
      var user =
          switch (given) {
            case Basic basic ->
                !isForbidden(basic) && users.passwords().isRight(basic.name, basic.password)
                    ? users.byName(basic.name)
                    : null;
            case Bearer bearer -> byToken(bearer.token, users);
            case Malformed _ -> null;
          };
      if (user != null) {
        return new Login.Known(user);
      }
      failures.failed(address);
      HttpAudit.failedLogin(req, mechanism(given), name(given), "wrong credentials");
    } catch (SaslFailure e) {
      if (e.reason() == SaslFailure.Reason.UNAVAILABLE) {
        return new Login.Unavailable();
      }
      // Clients renew tokens when they are told so, and that is no attempt to guess one.
      if (e.reason() != SaslFailure.Reason.EXPIRED) {
        failures.failed(address);
      }
      HttpAudit.failedLogin(req, mechanism(given), name(given), String.valueOf(e.getMessage()));
    }
    return new Login.Unknown();
  }

  /** The claimed name. That of a token is not known, because the token is not valid. */
  private static @Nullable String name(Credentials given) {
    return given instanceof Basic basic ? basic.name : null;
  }

  /** Of hashes, only a login shows that they are those of the password that everybody knows. */
  private boolean isForbidden(Basic given) {
    var forbidden =
        !settings.wellKnownPassword()
            && given.password.equals(new Secret(AdminUser.WELL_KNOWN_PASSWORD));
    if (forbidden) {
      LOG.warn(
          "The password that Conduktor Gateway comes with is not taken, because HTTP can be reached"
              + " from elsewhere (admin.allowDefaultPassword)");
    }
    return forbidden;
  }

  private static String mechanism(Credentials given) {
    return switch (given) {
      case Basic _ -> "BASIC";
      case Bearer _ -> "BEARER";
      case Malformed _ -> "NONE";
    };
  }

  private @Nullable Actor byToken(Secret token, UserTable.Users users) throws SaslFailure {
    var tokens = settings.tokens();
    if (tokens == null) {
      return null;
    }
    VerifiedToken verified;
    try {
      verified = leases.get(tokens.verifier()).verify(token.reveal());
    } catch (SourceException e) {
      throw new SaslFailure(
          SaslFailure.Reason.UNAVAILABLE, "keys of tokens that cannot be used", e);
    }
    var subject = verified.user().name();
    var user = users.bySubject(subject);
    if (user != null) {
      return user;
    }
    if (!Collections.disjoint(verified.scopes(), tokens.adminRoles())) {
      return new Actor(subject, Rights.ADMIN);
    }
    return Collections.disjoint(verified.scopes(), tokens.readRoles())
        ? null
        : new Actor(subject, Rights.READER);
  }

  private Login byCertificate(ServerRequest req, UserTable.Users users) {
    var shown = req.remotePeer().tlsCertificates().orElse(null);
    if (shown == null || !(shown[0] instanceof X509Certificate certificate)) {
      return new Login.Unknown();
    }
    try {
      var name = settings.certificates().principal(certificate).name();
      var user = users.byCertificate(name);
      return user == null ? new Login.Unknown() : new Login.Known(user);
    } catch (IllegalArgumentException e) {
      LOG.debug("A certificate of no user", e);
      return new Login.Unknown();
    }
  }
}
