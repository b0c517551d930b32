package io.gatehouse.gateway.access;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStart;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.testkit.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A gateway with access rules, whose users log in with PLAIN and any password. It has two
 * listeners: for passthrough, and for a virtual cluster.
 */
final class AclGateway implements AutoCloseable {

  static final Tenant TENANT = new Tenant("team", "team.");

  private final Ports ports;
  private final Gateway gateway;
  private final int each;
  private volatile AclRules rules = rules(List.of());
  private volatile Map<String, Set<String>> groups = Map.of();
  private volatile Tenant tenant = TENANT;

  /**
   * @param servers the brokers, with node ids from 1 on
   */
  AclGateway(List<HostPort> servers) throws Exception {
    each = servers.size() + 1;
    ports = Ports.contiguous(2 * each);
    List<ListenerSettings> listeners = new ArrayList<>();
    for (String name : List.of("whole", "team")) {
      int first = ports.get(name.equals("whole") ? 0 : each);
      listeners.add(
          new ListenerSettings(
              name,
              "127.0.0.1",
              "localhost",
              new Routing.ByNodeId(
                  new PortPlan.Pair(first, first),
                  new PortPlan(List.of(new PortPlan.Pair(first + 1, first + 1)), true)
                      .limited(servers.size()),
                  1),
              Entry.OPEN.with(
                  FixedSource.sasl(
                      List.of(
                          new PlainMechanism((user, password, peer) ->
                              new SaslExchange.Outcome(
                                  new Principal(
                                      User.named(user),
                                      "PLAIN",
                                      Map.of(),
                                      Set.of("directory-" + user)),
                                  null))),
                      Duration.ZERO))));
    }
    Setup setup = new Setup().refuseUnknown();
    gateway =
        Gateway.start(
            setup.settings(servers, listeners.toArray(ListenerSettings[]::new)),
            Duration.ZERO,
            GatewayStart.with(InheritedSockets.none(), setup.steps())
                .with(this::place)
                .with(acls()));
  }

  private Place place(User user, String listener) {
    return listener.equals("whole") ? Place.PASSTHROUGH : new Place.Within(tenant);
  }

  private Acls acls() {
    return new Acls() {
      @Override
      public Access of(@Nullable String tenant) {
        return new Access(rules, null);
      }

      @Override
      public Set<String> groups(@Nullable String tenant, String user, Set<String> externalGroups) {
        return groups.getOrDefault(user + externalGroups, Set.of());
      }
    };
  }

  /** Sets the groups of this user. */
  void setGroups(String user, String... all) {
    groups = Map.of(user + Set.of("directory-" + user), Set.of(all));
    gateway.renewPlans();
  }

  Gateway gateway() {
    return gateway;
  }

  /** Replaces all rules; root is a super user. */
  void setRules(List<AclBinding> all) {
    rules = rules(all);
    gateway.renewPlans();
  }

  /** Replaces the virtual cluster. */
  void setTenant(Tenant other) {
    tenant = other;
    gateway.renewPlans();
  }

  private static AclRules rules(List<AclBinding> all) {
    Set<io.gatehouse.gateway.acl.Principal> superUsers =
        Set.of(io.gatehouse.gateway.acl.Principal.user("root"));
    return new AclRules(all, new AclRules.Settings(superUsers, false));
  }

  static AclBinding allow(String user, Operation operation, ResourceType type, String name) {
    return new AclBinding(
        new ResourcePattern(type, name, PatternType.LITERAL),
        io.gatehouse.gateway.acl.Principal.user(user),
        AclBinding.ANY_HOST,
        operation,
        Permission.ALLOW);
  }

  int port(boolean inTenant) {
    return ports.get(inTenant ? each : 0);
  }

  /** The properties of a client. */
  Map<String, Object> client(String user, boolean inTenant) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", "127.0.0.1:" + port(inTenant));
    properties.put("security.protocol", "SASL_PLAINTEXT");
    properties.put("sasl.mechanism", "PLAIN");
    properties.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\""
                .formatted(user)
            + " password=\"any\";");
    return properties;
  }

  @Override
  public void close() {
    gateway.close();
    ports.close();
  }
}
