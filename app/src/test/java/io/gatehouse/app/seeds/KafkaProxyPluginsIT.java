package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.app.ProgramProcess;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.GoPrograms;
import io.gatehouse.testkit.Ports;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kafka-proxy's plugin system: programs of one's own behind each of the flags that name one. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class KafkaProxyPluginsIT {

  @TempDir static Path built;

  private static PageEnvironment environment;

  @BeforeAll
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  static void build() throws Exception {
    assumeTrue(GoPrograms.canBuild(), GoPrograms.NEEDED);
    Path sources =
        Path.of(System.getProperty("gatehouse.root", ".."), "authplugins/src/test/go")
            .toAbsolutePath();
    GoPrograms.build(sources, built, "password", "tokeninfo", "tokenprovider");
    environment = PageEnvironment.get();
  }

  private static Page server(String broker, Ports ports, String flags) {
    return new Page(
        "kafka-proxy server --bootstrap-server-mapping %s,localhost:%d %s"
            .formatted(broker, ports.get(0), flags));
  }

  private static Map<String, Object> client(Ports ports, Map<String, Object> login) {
    Map<String, Object> all = new TreeMap<>(login);
    all.put("bootstrap.servers", "localhost:" + ports.get(0));
    all.put("security.protocol", login.isEmpty() ? "PLAINTEXT" : "SASL_PLAINTEXT");
    return all;
  }

  @Test
  void aProgramChecksPasswords() throws Exception {
    try (Ports ports = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                server(
                    environment.broker("PLAINTEXT", 0),
                    ports,
                    "--auth-local-enable --auth-local-command "
                        + built.resolve("password")
                        + " --auth-local-param --username=my-test-user"
                        + " --auth-local-param --password=my-test-password"
                        + " --auth-local-log-level info --auth-local-timeout 5s"))) {
      Clients.exchange(
          client(ports, AuthenticationProperties.plain("my-test-user", "my-test-password")));
      assertThat(
              Clients.refusal(
                  client(ports, AuthenticationProperties.plain("my-test-user", "wrong"))))
          .isInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void aProgramChecksTokens() throws Exception {
    String token = environment.idp.token("alice").sign();
    try (Ports ports = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                server(
                    environment.broker("PLAINTEXT", 0),
                    ports,
                    "--auth-local-enable --auth-local-mechanism OAUTHBEARER --auth-local-command "
                        + built.resolve("tokeninfo")
                        + " --auth-local-param --suffix="
                        + token.substring(token.length() - 20)))) {
      Clients.exchange(client(ports, AuthenticationProperties.token(token)));
      assertThat(
              Clients.refusal(
                  client(
                      ports,
                      AuthenticationProperties.token(environment.idp.token("alice").unsigned()))))
          .isInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void aProgramProvidesTokensForBrokers() throws Exception {
    String flags =
        "--sasl-enable --sasl-plugin-enable --sasl-plugin-command "
            + built.resolve("tokenprovider")
            + " --sasl-plugin-timeout 5s --sasl-plugin-param --token=";
    environment.cluster.forgetPrincipals();
    try (Ports ports = Ports.reserve(1)) {
      String right = environment.idp.token("gw-oauth").sign();
      try (ProgramProcess program =
          Gatehouse.server(server(environment.broker("SASL", 0), ports, flags + right))) {
        Clients.exchange(client(ports, Map.of()));
        assertThat(program.output()).doesNotContain(right);
      }
      assertThat(environment.cluster.principalsSeen("SASL")).containsOnly("User:gw-oauth");
      String wrong = environment.idp.token("gw-oauth").signByStranger();
      try (ProgramProcess program =
          Gatehouse.server(server(environment.broker("SASL", 0), ports, flags + wrong))) {
        program.await("(login with OAUTHBEARER failed)");
        Clients.assertUnserved(client(ports, Map.of()));
      }
    }
  }

  @Test
  void programsProvideAndVerifyTokensBetweenGateways() throws Exception {
    String both = " --auth-gateway-%1$s-method mine --auth-gateway-%1$s-magic 7 ";
    try (Ports inner = Ports.reserve(1);
        Ports outer = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                server(
                    environment.broker("PLAINTEXT", 0),
                    inner,
                    "--auth-gateway-server-enable --auth-gateway-server-command "
                        + built.resolve("tokeninfo")
                        + " --auth-gateway-server-param --suffix=let-me-in"
                        + both.formatted("server")))) {
      String flags =
          "--auth-gateway-client-enable --auth-gateway-client-command "
              + built.resolve("tokenprovider")
              + both.formatted("client")
              + "--auth-gateway-client-param --token=";
      String next = "localhost:" + inner.get(0);
      try (ProgramProcess _ = Gatehouse.server(server(next, outer, flags + "please.let-me-in"))) {
        Clients.exchange(client(outer, Map.of()));
      }
      try (ProgramProcess _ = Gatehouse.server(server(next, outer, flags + "please"))) {
        Clients.assertUnserved(client(outer, Map.of()));
      }
    }
  }
}
