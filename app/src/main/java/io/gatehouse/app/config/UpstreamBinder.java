package io.gatehouse.app.config;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.BrokerHosts;
import io.gatehouse.gateway.settings.FailoverSettings;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.HandshakeOffered;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.HostRule;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.TlsFiles;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads an upstream cluster: {@code upstream}, or an entry of {@code upstreams}. */
final class UpstreamBinder {

  /** A placeholder if no bootstrap servers are given. */
  static final HostPort NO_SERVERS = new HostPort("nowhere", 1);

  private static final String FAILOVER_TOPIC = "_gatehouse_gateway_failover";

  /** Keeps where clients are directed to in this process only. */
  private static final String NO_TOPIC = "none";

  private final Section section;

  /** Whether bootstrap servers are given but invalid. */
  private boolean brokersRefused;

  UpstreamBinder(Section section) {
    this.section = section;
  }

  boolean brokersRefused() {
    return brokersRefused;
  }

  UpstreamSettings read(String noServers) {
    int problemsBefore = section.problems().size();
    List<HostPort> servers =
        section.list("bootstrapServers", noServers, Parse::address, HostPort::toString);
    brokersRefused = section.problems().size() > problemsBefore;
    List<HostRule> hosts =
        section.list(
            "hosts", "derived from the bootstrap servers", HostRule::parse, HostRule::toString);
    Map<HostPort, HostPort> dial = section.map("dial", Parse::address, Parse::address);
    String clientId = section.text("clientId", "gatehouse");
    Duration refresh = section.duration("refresh", UpstreamSettings.DEFAULT_REFRESH, true);
    Access access = access();
    FailoverSettings failover = failover();
    section.close();
    List<HostPort> some = servers.isEmpty() ? List.of(NO_SERVERS) : servers;
    return new UpstreamSettings(
        some,
        dial,
        clientId,
        refresh,
        access,
        hosts.isEmpty() ? null : BrokerHosts.of(hosts),
        failover);
  }

  private @Nullable FailoverSettings failover() {
    if (!section.has("failover")) {
      section.absent("failover", "clients cannot be switched to another cluster");
      return null;
    }
    Section failover = section.section("failover");
    String to = failover.optionalText("to", "missing", UpstreamBinder::notEmpty);
    if (to == null && failover.isFine()) {
      failover.problem("", "the key to is missing: the cluster to switch to");
    }
    String topic = failover.value("topic", FAILOVER_TOPIC, UpstreamBinder::topic, text -> text);
    failover.close();
    return to == null ? null : new FailoverSettings(to, topic.equals(NO_TOPIC) ? null : topic);
  }

  private Access access() {
    ClientTls tls = null;
    if (section.has("tls")) {
      tls = TlsBinder.ofUpstream(section.section("tls"));
    } else {
      section.absent("tls", "plaintext, unless properties set it");
    }
    Source<Login> own = null;
    if (section.has("login")) {
      own = LoginBinder.read(section.section("login"));
    } else {
      section.absent("login", "none, unless properties set it");
    }
    if (section.has("properties")) {
      ClientProperties properties = new ClientProperties(section.properties("properties"));
      if (properties.values().isEmpty()) {
        section.problem("properties", "no property is given");
      }
      ClientTls secured = tls(properties, tls);
      tls = secured == null ? tls : secured;
      Source<Login> account = login(properties, own);
      own = account == null ? own : account;
    } else {
      section.absent("properties", "none");
    }
    Accounts accounts = accounts(own);
    ForwardProxy proxy = forwardProxy();
    int header = section.number("proxyProtocol", 0, 0, 2);
    HandshakeOffered handshake = handshake();
    return new Access(tls, accounts, proxy, header, handshake);
  }

  private @Nullable ForwardProxy forwardProxy() {
    ForwardProxy proxy =
        section.optional("forwardProxy", "none", ForwardProxy::parse, ForwardProxy::toString);
    if (!section.has("forwardProxyTls")) {
      section.absent(
          "forwardProxyTls",
          "an https proxy is verified with the CA certificates of the Java runtime");
      return proxy;
    }
    ClientTls tls = TlsBinder.ofUpstream(section.section("forwardProxyTls"));
    if (proxy == null || proxy.tls() == null) {
      section.problem("forwardProxyTls", "the forward proxy does not use https");
      return proxy;
    }
    return proxy.with(tls);
  }

  private @Nullable HandshakeOffered handshake() {
    if (!section.has("handshake")) {
      section.absent("handshake", "brokers are reached without another gateway");
      return null;
    }
    return HandshakeBinder.offered(section.section("handshake"));
  }

  private @Nullable ClientTls tls(ClientProperties properties, @Nullable ClientTls tls) {
    try {
      properties.check(section.problems());
      if (!properties.isEncrypted()) {
        return null;
      }
      if (tls != null) {
        section.problem("properties", "tls and a security.protocol with TLS cannot be combined");
        return null;
      }
      ClientTls made = properties.tls();
      section.onCheck(() ->
          TlsFiles.problems(made)
              .forEach(problem -> section.problem("properties", problem.message())));
      return made;
    } catch (IllegalArgumentException e) {
      section.problem("properties", String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable Source<Login> login(ClientProperties properties, @Nullable Source<Login> own) {
    try {
      if (!properties.hasLogin()) {
        return null;
      }
      if (own != null) {
        section.problem("properties", "login and a security.protocol with SASL cannot be combined");
        return null;
      }
      Logins.Settings account = new Logins.Settings(properties.login());
      account.check();
      return account;
    } catch (IllegalArgumentException e) {
      section.problem("properties", String.valueOf(e.getMessage()));
      return null;
    }
  }

  private Accounts accounts(@Nullable Source<Login> own) {
    boolean others = section.flag("othersUseLogin", true);
    Map<User, Source<Login>> byUser = new LinkedHashMap<>();
    Map<String, Source<Login>> byVirtualCluster = new LinkedHashMap<>();
    if (!section.has("accounts")) {
      section.absent("accounts", "none");
    } else if (section.isMapping("accounts")) {
      accountsByName(byUser);
    } else {
      accountsOfList(byUser, byVirtualCluster);
    }
    return own == null && byUser.isEmpty() && byVirtualCluster.isEmpty() && others
        ? Accounts.NONE
        : new Accounts(own, byUser, byVirtualCluster, others);
  }

  /** Reads the mapping form: its keys are names of users without a tenant. */
  private void accountsByName(Map<User, Source<Login>> into) {
    Section accounts = section.section("accounts");
    for (String name : section.names("accounts")) {
      Section account = accounts.section(name);
      int slash = name.indexOf('/');
      if (slash >= 0) {
        account.problem("", ambiguous(name, slash));
      }
      Source<Login> login = LoginBinder.read(account);
      if (ControlCharacters.in(name)) {
        account.problem("", "the name contains control characters");
      } else if (login != null) {
        into.put(User.named(name), login);
      }
    }
    accounts.close();
  }

  private static String ambiguous(String key, int slash) {
    return "'%s' may be a user of a tenant or a user name with a slash. Write accounts as a list,"
            .formatted(key)
        + " with an item - {tenant: %s, name: %s, ...} or - {name: %s, ...}"
            .formatted(key.substring(0, slash), key.substring(slash + 1), key);
  }

  /** Reads the list form, where each item has a name, a tenant, or both. */
  private void accountsOfList(
      Map<User, Source<Login>> byUser, Map<String, Source<Login>> byVirtualCluster) {
    for (Supplier<Section> item : section.sections("accounts")) {
      Section account = item.get();
      String tenant = account.optionalText("tenant", "none", UpstreamBinder::notEmpty);
      String name =
          account.optionalText("name", "all clients of the tenant", UpstreamBinder::notEmpty);
      if (name == null && tenant == null && account.isFine()) {
        account.problem("", "the key name is missing: the user of the account");
      }
      Source<Login> login = LoginBinder.read(account);
      if (login == null) {
        continue;
      }
      if (name != null && byUser.put(new User(tenant, name), login) != null) {
        account.problem("name", "there are two accounts for " + new User(tenant, name));
      } else if (name == null && tenant != null && byVirtualCluster.put(tenant, login) != null) {
        account.problem("tenant", "there are two accounts for all clients of " + tenant);
      }
    }
  }

  private static String topic(String text) {
    if (!text.matches("[a-zA-Z0-9._-]{1,249}")) {
      throw new IllegalArgumentException("'" + text + "' is not the name of a topic, or none");
    }
    return text;
  }

  private static String notEmpty(String text) {
    if (text.isEmpty() || ControlCharacters.in(text)) {
      throw new IllegalArgumentException("it is empty or contains control characters");
    }
    return text;
  }
}
