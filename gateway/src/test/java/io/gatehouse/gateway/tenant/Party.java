package io.gatehouse.gateway.tenant;

import io.gatehouse.gateway.fixture.JavaClients;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.AuthenticationProperties;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A user of a {@link Tenancy} with its clients. */
final class Party {

  static final String PASSWORD = "any";

  private final String user;
  private final int port;
  private final Recorder recorder;
  private final Set<String> secrets = ConcurrentHashMap.newKeySet();

  Party(String user, int port, Recorder recorder) {
    this.user = user;
    this.port = port;
    this.recorder = recorder;
  }

  String user() {
    return user;
  }

  Recorder recorder() {
    return recorder;
  }

  /** Part of everything that is this user's alone: client ids, metadata, values. */
  String token() {
    return "tokenof" + user;
  }

  /** Adds a text that others must not receive, such as the id of a member. */
  void keepSecret(String text) {
    secrets.add(text);
  }

  Set<String> secrets() {
    return secrets;
  }

  HostPort bootstrap() {
    return new HostPort("localhost", port);
  }

  /** The Java clients of this user. */
  JavaClients clients() {
    Map<String, Object> login = new HashMap<>(AuthenticationProperties.plain(user, PASSWORD));
    login.put("security.protocol", "SASL_PLAINTEXT");
    login.put("client.id", token() + "-client");
    return new JavaClients(bootstrap(), login);
  }
}
