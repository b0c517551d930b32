package io.gatehouse.app;

import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.kerberos.GssapiMechanism;
import io.gatehouse.auth.sasl.kerberos.GssapiSettings;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramMechanism;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.control.ExternalAccounts;
import io.gatehouse.control.kind.Entrance;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How clients get into virtual clusters, by the listeners of a gateway. */
record GatewayEntrances(Gateway gateway) implements Function<String, @Nullable Entrance> {

  private static final String MODULES = "org.apache.kafka.common.security.";
  private static final String PASSWORD =
      " required username=\"{{username}}\" password=\"{{password}}\";";

  /** Clients with a certificate, as Conduktor Gateway calls them. */
  private static final String CERTIFICATE = "MTLS";

  /** Clients of a listener for the virtual cluster that lets in anybody. */
  private static final String ANYBODY = "NONE";

  private record Door(ListenerSettings listener, HostPort address) {}

  @Override
  public @Nullable Entrance apply(String virtualCluster) {
    List<Door> doors = doors(virtualCluster);
    if (doors.isEmpty()) {
      return null;
    }
    Map<String, Map<String, String>> properties = new TreeMap<>();
    for (Door door : doors) {
      waysIn(door.listener)
          .forEach((name, way) -> {
            Map<String, String> all = new LinkedHashMap<>();
            all.put("bootstrap.servers", door.address.toString());
            all.putAll(way);
            properties.putIfAbsent(name, all);
          });
    }
    return new Entrance(
        doors.stream().map(door -> door.address.toString()).collect(Collectors.joining(",")),
        properties);
  }

  /** The listeners that lead to a virtual cluster: those for it alone, then those for all. */
  private List<Door> doors(String virtualCluster) {
    GatewaySettings settings = gateway.settings();
    List<HostPort> addresses = gateway.bootstrapForClients();
    List<Door> own = new ArrayList<>();
    List<Door> ofAll = new ArrayList<>();
    for (int i = 0; i < Math.min(addresses.size(), settings.listeners().size()); i++) {
      ListenerSettings listener = settings.listeners().get(i);
      String at = settings.tenancy().byListener().get(listener.name());
      if (virtualCluster.equals(at)) {
        own.add(new Door(listener, addresses.get(i)));
      } else if (at == null && !waysIn(listener).containsKey(ANYBODY)) {
        ofAll.add(new Door(listener, addresses.get(i)));
      }
    }
    own.addAll(ofAll);
    return own;
  }

  /** The properties for each way to authenticate. */
  private static Map<String, Map<String, String>> waysIn(ListenerSettings listener) {
    boolean tls = listener.entry().tls() != null;
    Map<String, Map<String, String>> ways = new LinkedHashMap<>();
    switch (listener.entry().authentication()) {
      case Authentication.Sasl sasl ->
          sasl.mechanisms().forEach(mechanism -> addWay(mechanism, tls, ways));
      case Authentication.Open _ ->
          ways.put(
              GatewayLogins.takesCertificates(listener) ? CERTIFICATE : ANYBODY,
              Map.of("security.protocol", tls ? "SSL" : "PLAINTEXT"));
      case Authentication.Forwarded _ -> {} // the brokers know no virtual clusters
    }
    return ways;
  }

  private static void addWay(
      Source<SaslMechanism> mechanism, boolean tls, Map<String, Map<String, String>> ways) {
    switch (mechanism) {
      case ExternalAccounts.Settings known -> addWay(known.mechanism(), tls, ways);
      case PlainMechanism.Settings _ ->
          ways.put(
              PlainMechanism.NAME,
              way(PlainMechanism.NAME, "plain.PlainLoginModule" + PASSWORD, tls));
      case ScramMechanism.Settings scram ->
          ways.put(
              scram.hash().mechanism(),
              way(scram.hash().mechanism(), "scram.ScramLoginModule" + PASSWORD, tls));
      case OauthBearerMechanism.Settings _ ->
          ways.put(
              OauthBearerMechanism.NAME,
              way(
                  OauthBearerMechanism.NAME,
                  "oauthbearer.OAuthBearerLoginModule required clientId=\"{{username}}\""
                      + " clientSecret=\"{{password}}\";",
                  tls));
      case GssapiSettings _ -> ways.put(GssapiMechanism.NAME, way(GssapiMechanism.NAME, null, tls));
      default -> {} // of a plugin of this program, whose clients know how to log in
    }
  }

  private static Map<String, String> way(String mechanism, @Nullable String module, boolean tls) {
    Map<String, String> way = new LinkedHashMap<>();
    way.put("security.protocol", tls ? "SASL_SSL" : "SASL_PLAINTEXT");
    way.put("sasl.mechanism", mechanism);
    if (module != null) {
      way.put("sasl.jaas.config", MODULES + module);
    }
    return way;
  }
}
