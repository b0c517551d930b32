package io.gatehouse.auth.login.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Brokers;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.kafka.KerberosAccount.Proof;
import io.gatehouse.testkit.kerberos.Kdc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a KDC, and a SASL server with a broker's keytab. */
class KerberosAccountIT {

  private static final String MODULE = "com.sun.security.auth.module.Krb5LoginModule";

  @TempDir static Path folder;
  private static Kdc kdc;
  private static Subject broker;

  @BeforeAll
  static void start() throws Exception {
    kdc = Kdc.start(folder);
    kdc.user("carol", "pass word");
    kdc.useInThisJvm();
    String service = kdc.principal("kafka/localhost");
    Path keytab = kdc.keytab("kafka/localhost");
    Map<String, String> options =
        Map.of(
            "principal", service,
            "keyTab", keytab.toString(),
            "useKeyTab", "true",
            "storeKey", "true",
            "isInitiator", "false",
            "refreshKrb5Config", "true");
    broker = new Subject();
    new LoginContext("broker", broker, null, configuration(options)).login();
  }

  @AfterAll
  static void stop() {
    kdc.close();
  }

  private static Configuration configuration(Map<String, String> options) {
    return new Configuration() {
      @Override
      public AppConfigurationEntry @Nullable [] getAppConfigurationEntry(String name) {
        return new AppConfigurationEntry[] {
          new AppConfigurationEntry(
              MODULE, AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)
        };
      }
    };
  }

  /** Runs each step as the broker's subject. */
  private static SaslServer broker() {
    CallbackHandler handler =
        callbacks -> {
          for (Callback callback : callbacks) {
            if (callback instanceof AuthorizeCallback asked) {
              asked.setAuthorized(asked.getAuthenticationID().equals(asked.getAuthorizationID()));
              asked.setAuthorizedID(asked.getAuthorizationID());
            }
          }
        };
    SaslServer server =
        Subject.callAs(
            broker, () -> Sasl.createSaslServer("GSSAPI", "kafka", "localhost", Map.of(), handler));
    return new SaslServer() {
      @Override
      public String getMechanismName() {
        return server.getMechanismName();
      }

      @Override
      public byte[] evaluateResponse(byte[] response) throws SaslException {
        return Subject.callAs(broker, () -> server.evaluateResponse(response));
      }

      @Override
      public boolean isComplete() {
        return server.isComplete();
      }

      @Override
      public String getAuthorizationID() {
        return server.getAuthorizationID();
      }

      @Override
      public byte[] unwrap(byte[] incoming, int offset, int len) throws SaslException {
        return server.unwrap(incoming, offset, len);
      }

      @Override
      public byte[] wrap(byte[] outgoing, int offset, int len) throws SaslException {
        return server.wrap(outgoing, offset, len);
      }

      @Override
      public Object getNegotiatedProperty(String propName) {
        return server.getNegotiatedProperty(propName);
      }

      @Override
      public void dispose() throws SaslException {
        server.dispose();
      }
    };
  }

  private static KerberosAccount account(
      Proof proof, String user, @Nullable String password, @Nullable Path keytab) {
    return new KerberosAccount(
        proof,
        "kafka",
        user,
        Kdc.REALM,
        password == null ? null : new Secret(password),
        keytab,
        kdc.krb5Conf(),
        Map.of("10.0.0.1", "localhost"));
  }

  @Test
  void keytab() throws Exception {
    try (Login login = account(Proof.KEYTAB, "client", null, kdc.keytab("client")).login()) {
      assertThat(login.mechanism()).isEqualTo("GSSAPI");
      assertThat(Brokers.talk(login.begin("localhost"), broker()))
          .isEqualTo("client@GATEHOUSE.TEST");
      assertThat(Brokers.talk(login.begin("10.0.0.1"), broker()))
          .as("the mapped host")
          .isEqualTo("client@GATEHOUSE.TEST");
    }
  }

  @Test
  void password() throws Exception {
    try (Login login = account(Proof.USER, "carol", "pass word", null).login()) {
      assertThat(Brokers.talk(login.begin("localhost"), broker()))
          .isEqualTo("carol@GATEHOUSE.TEST");
    }
    try (Login login = account(Proof.USER, "carol", "wr0ng", null).login()) {
      assertThatThrownBy(() -> login.begin("localhost"))
          .isInstanceOf(LoginFailure.class)
          .hasMessageStartingWith("GSSAPI: no ticket for carol@GATEHOUSE.TEST: ")
          .hasMessageNotContaining("wr0ng");
    }
  }

  @Test
  void aBrokerWithoutAPrincipalIsReported() throws Exception {
    KerberosAccount known = account(Proof.USER, "carol", "pass word", null);
    KerberosAccount stranger =
        new KerberosAccount(
            known.proof(),
            "nosuch",
            known.username(),
            known.realm(),
            known.password(),
            null,
            known.config(),
            Map.of());
    try (Login login = stranger.login();
        LoginExchange exchange = login.begin("localhost")) {
      assertThatThrownBy(exchange::first)
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("Server not found in Kerberos database");
    }
  }

  @Test
  void propertiesOfAJavaClient() throws Exception {
    Map<String, String> properties =
        Map.of(
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "GSSAPI",
            "sasl.kerberos.service.name",
            "kafka",
            "sasl.jaas.config",
            "%s required useKeyTab=true storeKey=true refreshKrb5Config=true keyTab=\"%s\" principal=\"%s\";"
                .formatted(MODULE, kdc.keytab("client"), kdc.principal("client")));
    try (Login login = Logins.of(properties)) {
      assertThat(Brokers.talk(login.begin("localhost"), broker()))
          .isEqualTo("client@GATEHOUSE.TEST");
    }
  }

  @Test
  void aProcessHasOneConfiguration() throws Exception {
    Path other = Files.writeString(folder.resolve("other.conf"), "[libdefaults]\n");
    KerberosAccount known = account(Proof.USER, "carol", "x", null);
    KerberosAccount elsewhere =
        new KerberosAccount(
            Proof.USER, "kafka", "carol", "R", known.password(), null, other, Map.of());
    assertThatIllegalArgumentException()
        .isThrownBy(elsewhere::login)
        .withMessageContaining("a process has one Kerberos configuration");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> account(Proof.KEYTAB, "client", null, folder.resolve("none")).login())
        .withMessageContaining("the keytab cannot be read");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> account(Proof.USER, "carol", null, null).login())
        .withMessageContaining("GSSAPI needs a password");
  }
}
