package io.gatehouse.auth.sasl.ldap;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.extensions.StartTLSExtendedRequest;
import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.auth.AuthMetrics.Cause;
import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.OutageLog;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has an LDAP directory check passwords: each login binds on a connection of its own (kafka-proxy's
 * {@code auth-ldap}, docs/kafka-proxy.md). A directory accepts several spellings of a name, so the
 * principal is the name as the directory stores it. If the user's entry cannot be read, it is the
 * normalised name ({@link NameAttribute#folded}).
 */
public final class LdapVerifier implements PasswordVerifier {

  private static final Logger log = LoggerFactory.getLogger(LdapVerifier.class);

  private static final int MAX_NAME = 256;
  private static final int MAX_CONNECTIONS = 64;
  private static final int MAX_MESSAGE = 1024 * 1024;

  /** Results of a bind that mean wrong credentials rather than a failing directory. */
  private static final Set<ResultCode> NOT_IN =
      Set.of(
          ResultCode.INVALID_CREDENTIALS,
          ResultCode.NO_SUCH_OBJECT,
          ResultCode.INVALID_DN_SYNTAX,
          ResultCode.INAPPROPRIATE_AUTHENTICATION,
          ResultCode.CONSTRAINT_VIOLATION,
          ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
          ResultCode.UNWILLING_TO_PERFORM);

  private final LdapSettings settings;
  private final LdapTrust trust;
  private final Map<LdapSettings.Server, OutageLog> outages = new HashMap<>();
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS, true);

  /**
   * @throws IllegalArgumentException when the authorities' file cannot be used
   */
  public LdapVerifier(LdapSettings settings) {
    this.settings = settings;
    this.trust = LdapTrust.of(settings.tls());
    settings.servers().forEach(server -> outages.put(server, new OutageLog(log)));
    if (settings.tls().insecure()) {
      log.warn(
          "LDAP certificates are not verified (--ldap-insecure-skip-verify):"
              + " a program that pretends to be {} receives passwords",
          settings.servers());
    }
    if (!settings.tls().startTls() && settings.servers().stream().anyMatch(s -> !s.tls())) {
      log.warn("Passwords go to {} in plain text: use ldaps:// or --start-tls", settings.servers());
    }
  }

  @Override
  public Outcome verify(String user, Secret password, Peer peer) throws SaslFailure {
    // A bind with a name and no password succeeds as anonymous (RFC 4513 §5.1.2).
    if (password.reveal().isEmpty()) {
      throw bad(user, "shows no password");
    }
    // A directory ignores spaces around a name, and a principal must have only one name.
    if (!isSound(user)) {
      throw bad(
          user, "has a name that is empty, too long, or holds control characters or outer spaces");
    }
    take();
    try {
      return new Outcome(new Principal(checkAtOne(user, password), PlainMechanism.NAME), null);
    } finally {
      connections.release();
    }
  }

  private void take() throws SaslFailure {
    try {
      if (connections.tryAcquire(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    AuthMetrics.failed(AuthMetrics.Verifier.LDAP, Cause.BUSY);
    throw new SaslFailure(
        Reason.UNAVAILABLE, "LDAP has " + MAX_CONNECTIONS + " logins to check already");
  }

  /** Asks the servers in order until one can tell, and returns the principal's name. */
  private String checkAtOne(String user, Secret password) throws SaslFailure {
    SaslFailure last = null;
    for (LdapSettings.Server server : settings.servers()) {
      try (LdapSocket socket = new LdapSocket(server, trust, settings.timeout());
          LDAPConnection connection = new LDAPConnection(socket, options())) {
        connect(connection, server, socket);
        String name = check(connection, user, password);
        outage(server).works(server.toString());
        return name;
      } catch (SaslFailure e) {
        outage(server).works(server.toString());
        throw e;
      } catch (LDAPException e) {
        last =
            new SaslFailure(
                Reason.UNAVAILABLE, server + " cannot check passwords: " + e.getMessage(), e);
        AuthMetrics.failed(AuthMetrics.Verifier.LDAP, causeOf(e));
        outage(server).failed(String.valueOf(last.getMessage()));
      }
    }
    throw last == null ? new SaslFailure(Reason.UNAVAILABLE, "no LDAP server is given") : last;
  }

  private OutageLog outage(LdapSettings.Server server) {
    return Objects.requireNonNull(outages.get(server), "a log for each server");
  }

  private static Cause causeOf(LDAPException failure) {
    Cause known = Cause.of(failure);
    ResultCode code = failure.getResultCode();
    if (known != Cause.ANSWER) {
      return known;
    }
    // The library reports most failures only in the message.
    return code.equals(ResultCode.TIMEOUT)
        ? Cause.TIMEOUT
        : code.equals(ResultCode.CONNECT_ERROR) || code.equals(ResultCode.SERVER_DOWN)
            ? Cause.CONNECT
            : Cause.ANSWER;
  }

  private LDAPConnectionOptions options() {
    LDAPConnectionOptions options = new LDAPConnectionOptions();
    int millis = Math.toIntExact(settings.timeout().toMillis());
    options.setConnectTimeoutMillis(millis);
    options.setResponseTimeoutMillis(millis);
    options.setUseSynchronousMode(true);
    options.setFollowReferrals(false);
    options.setAbandonOnTimeout(false);
    options.setMaxMessageSize(MAX_MESSAGE);
    return options;
  }

  private void connect(LDAPConnection connection, LdapSettings.Server server, LdapSocket socket)
      throws LDAPException {
    connection.connect(server.host(), server.port());
    if (!server.tls() && settings.tls().startTls()) {
      var answer = connection.processExtendedOperation(new StartTLSExtendedRequest(socket));
      if (!answer.getResultCode().equals(ResultCode.SUCCESS)) {
        throw new LDAPException(
            answer.getResultCode(), "it refuses STARTTLS: " + answer.getDiagnosticMessage());
      }
    }
  }

  private String check(LDAPConnection connection, String user, Secret password)
      throws LDAPException, SaslFailure {
    switch (settings.lookup()) {
      case LdapLookup.Search search -> {
        SearchResultEntry entry = search(connection, search, user);
        // An unknown user costs a bind too, so that response times do not reveal it.
        String name =
            entry == null ? "cn=" + UUID.randomUUID() + "," + search.base() : entry.getDN();
        bind(connection, name, user, password);
        if (entry == null) {
          throw SaslFailure.wrongPassword(user);
        }
        return named(user, entry, search.nameAttributes());
      }
      case LdapLookup.UserPrincipalName upn -> {
        if (user.contains("@") || user.contains("\\")) {
          throw bad(user, "has a name that is none before @" + upn.domain());
        }
        bind(connection, user + "@" + upn.domain(), user, password);
        return named(user, UserEntry.byPrincipalName(connection, upn, user), upn.nameAttributes());
      }
      case LdapLookup.DirectBind direct -> {
        bind(connection, direct.dnOf(user), user, password);
        return named(user, UserEntry.at(connection, direct, user), direct.nameAttributes());
      }
    }
  }

  private static String named(
      String user, @Nullable SearchResultEntry entry, List<NameAttribute> nameAttributes)
      throws SaslFailure {
    String name;
    try {
      name =
          entry == null
              ? NameAttribute.folded(user)
              : NameAttribute.in(entry, nameAttributes).orElseGet(() -> NameAttribute.folded(user));
    } catch (NameAttribute.Ambiguous e) {
      throw bad(user, String.valueOf(e.getMessage()));
    }
    if (!isSound(name)) {
      throw bad(user, "is called something in LDAP that is no name of a principal");
    }
    return name;
  }

  private static boolean isSound(String name) {
    return name.equals(name.strip())
        && !name.isEmpty()
        && name.length() <= MAX_NAME
        && !ControlCharacters.in(name);
  }

  /** The user's entry with its name attributes, or null if there is none. */
  private static @Nullable SearchResultEntry search(
      LDAPConnection connection, LdapLookup.Search search, String user)
      throws LDAPException, SaslFailure {
    String bindDn = search.bindDn();
    Secret bindPassword = search.bindPassword();
    if (bindDn != null && bindPassword != null) {
      connection.bind(bindDn, bindPassword.reveal());
    }
    SearchRequest request =
        NameAttribute.search(
            search.base(), SearchScope.SUB, search.filterOf(user), search.nameAttributes(), 2);
    SearchResult result;
    try {
      result = connection.search(request);
    } catch (LDAPSearchException e) {
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        throw bad(user, "has more than one entry in LDAP");
      }
      throw e;
    }
    if (result.getEntryCount() > 1) {
      throw bad(user, "has more than one entry in LDAP");
    }
    return result.getEntryCount() == 0 ? null : result.getSearchEntries().getFirst();
  }

  private static void bind(LDAPConnection connection, String dn, String user, Secret password)
      throws LDAPException, SaslFailure {
    try {
      connection.bind(dn, password.reveal());
    } catch (LDAPException e) {
      if (NOT_IN.contains(e.getResultCode())) {
        throw SaslFailure.wrongPassword(user);
      }
      throw e;
    }
  }

  private static SaslFailure bad(String user, String what) {
    return new SaslFailure(Reason.BAD_CREDENTIALS, "user " + ClientText.shown(user) + " " + what);
  }
}
