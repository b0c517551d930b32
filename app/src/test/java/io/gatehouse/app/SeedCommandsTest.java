package io.gatehouse.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.OpenedNames;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.app.kafkaproxy.KafkaProxyFlags;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.authplugins.PluginPasswordVerifier;
import io.gatehouse.authplugins.PluginSettings;
import io.gatehouse.control.ExternalAccounts;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands and variables from the documentation of kafka-proxy and Conduktor Gateway. */
class SeedCommandsTest {

  private static final String MAPPING =
      "--bootstrap-server-mapping 192.168.99.100:32400,127.0.0.1:32400 ";

  @TempDir private Path folder;

  private static SettingsBinder.Result bind(Map<String, String> environment, String flags) {
    List<String> words = List.of(flags.strip().split("\\s+"));
    Arguments arguments =
        Arguments.parse(
            words.stream().map(w -> w.replace("\"", "")).toList(), KafkaProxyFlags.all());
    assertThat(arguments.problems()).isEmpty();
    assertThat(arguments.rest()).isEmpty();
    return Configuration.ofServer(arguments, environment);
  }

  private static AppSettings server(String flags) {
    SettingsBinder.Result result = bind(Map.of(), flags);
    assertThat(result.problems().lines()).isEmpty();
    return requireNonNull(result.settings());
  }

  private static Entry entry(String flags) {
    return server(MAPPING + flags).gateway().listeners().getFirst().entry();
  }

  private static Access access(String flags) {
    return server(MAPPING + flags).gateway().upstream().access();
  }

  /** The mechanism of the account at the brokers. */
  private static String login(String flags) {
    return OpenedNames.ofAccount(requireNonNull(access(flags).accounts().own()));
  }

  private static List<String> problems(String flags) {
    return bind(Map.of(), MAPPING + flags).problems().lines();
  }

  // ---- kafka-proxy ------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--bootstrap-server-mapping \"192.168.99.100:32400,0.0.0.0:32399\"",
        "--bootstrap-server-mapping \"192.168.99.100:32400,127.0.0.1:32400\""
            + " --bootstrap-server-mapping \"192.168.99.100:32401,127.0.0.1:32401\""
            + " --bootstrap-server-mapping \"192.168.99.100:32402,127.0.0.1:32402\""
            + " --dynamic-listeners-disable",
        "--bootstrap-server-mapping \"192.168.99.100:32400,127.0.0.1:32400\""
            + " --external-server-mapping \"192.168.99.100:32401,127.0.0.1:32402\""
            + " --external-server-mapping \"192.168.99.100:32402,127.0.0.1:32403\""
            + " --forbidden-api-keys 20",
      })
  void forwardsTheClientsOwnLogin(String flags) {
    assertThat(server(flags).gateway().listeners().getFirst().entry().authentication())
        .isEqualTo(new Authentication.Forwarded());
  }

  @Test
  void logsInOverTls() {
    AppSettings settings =
        server(
            "--bootstrap-server-mapping \"kafka-0.grepplabs.com:9093,0.0.0.0:32399\""
                + " --tls-enable --tls-insecure-skip-verify"
                + " --sasl-enable -sasl-username myuser --sasl-password mysecret");
    Access access = settings.gateway().upstream().access();
    assertThat(requireNonNull(access.tls()).isUnsafe()).isTrue();
    assertThat(OpenedNames.ofAccount(requireNonNull(access.accounts().own()))).isEqualTo("PLAIN");
    assertThat(settings.gateway().listeners().getFirst().entry().authentication())
        .isInstanceOf(Authentication.Open.class);
  }

  @Test
  void authenticatesAUserOverTls() {
    // The page omits the mapping, which kafka-proxy needs as well.
    Entry entry =
        entry(
            "--proxy-listener-key-file \"server-key.pem\""
                + " --proxy-listener-cert-file \"server-cert.pem\""
                + " --proxy-listener-ca-chain-cert-file \"ca.pem\""
                + " --proxy-listener-tls-enable"
                + " --proxy-listener-auth-enable"
                + " --proxy-listener-auth-command build/auth-user"
                + " --proxy-listener-auth-param \"--username=my-test-user\""
                + " --proxy-listener-auth-param \"--password=my-test-password\"");
    ServerTls tls = requireNonNull(entry.tls());
    assertThat(tls.key())
        .isEqualTo(new KeySource.Pem(Path.of("server-cert.pem"), Path.of("server-key.pem"), null));
    assertThat(tls.clients().auth()).isEqualTo(ClientAuth.REQUIRED);
    assertThat(tls.clients().trust()).isEqualTo(new TrustSource.Pem(Path.of("ca.pem"), false));
    assertThat(((Authentication.Sasl) entry.authentication()).mechanisms())
        .singleElement()
        .satisfies(mechanism -> assertThat(OpenedNames.of(mechanism)).isEqualTo("PLAIN"));
  }

  @Test
  void authenticatesByLdap() {
    Entry entry =
        entry(
            "--proxy-listener-auth-enable"
                + " --proxy-listener-auth-command build/auth-ldap"
                + " --proxy-listener-auth-param \"--url=ldaps://ldap.example.com:636\""
                + " --proxy-listener-auth-param \"--user-dn=cn=users,dc=exemple,dc=com\""
                + " --proxy-listener-auth-param \"--user-attr=uid\"");
    assertThat(entry.authentication()).isInstanceOf(Authentication.Sasl.class);
  }

  @Test
  void runsTheSidecarOfTheMskRecipe() {
    SettingsBinder.Result result =
        bind(
            Map.of("TLS_CLIENT_KEY_PASSWORD", "not this one"),
            "--log-format=json"
                + " --bootstrap-server-mapping=msk1:9093,127.0.0.1:32401"
                + " --bootstrap-server-mapping=msk2:9093,127.0.0.1:32402"
                + " --bootstrap-server-mapping=msk3:9093,127.0.0.1:32403"
                + " --tls-enable --tls-ca-chain-cert-file=/certs/ca.crt"
                + " --tls-client-cert-file=/certs/user-ca-chain.crt"
                + " --tls-client-key-file=/certs/user.key"
                + " --tls-client-key-password=from-the-secret --tls-insecure-skip-verify");
    assertThat(result.problems().lines()).isEmpty();
    ClientTls tls =
        requireNonNull(requireNonNull(result.settings()).gateway().upstream().access().tls());
    assertThat(tls.key())
        .isEqualTo(
            new KeySource.Pem(
                Path.of("/certs/user-ca-chain.crt"),
                Path.of("/certs/user.key"),
                new Secret("from-the-secret")));
    assertThat(tls.isUnsafe()).isTrue();
    assertThat(result.yaml()).doesNotContain("from-the-secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          --sasl-enable --sasl-username u --sasl-password p --sasl-method SCRAM-SHA-256 | SCRAM-SHA-256
          --sasl-enable --sasl-username u --sasl-password p --sasl-method SCRAM-SHA-512 | SCRAM-SHA-512
          --sasl-enable --sasl-method AWS_MSK_IAM --sasl-aws-region eu-west-1           | AWS_MSK_IAM
          --sasl-enable --sasl-method AWS_MSK_IAM --sasl-aws-role-arn arn:aws:iam::1:role/r --sasl-aws-profile p | AWS_MSK_IAM
          --sasl-enable --sasl-plugin-enable --sasl-plugin-command unsecured-jwt-provider --sasl-plugin-param --claim-sub=a | OAUTHBEARER
          --sasl-enable --sasl-plugin-enable --sasl-plugin-command /opt/kafka-proxy/bin/unsecured-jwt-provider --sasl-plugin-param --claim-sub=a | OAUTHBEARER
          --sasl-enable --sasl-plugin-enable --sasl-plugin-command /my/own/provider --sasl-plugin-param --x=y | OAUTHBEARER
          """)
  void logsInByEachMechanism(String flags, String mechanism) {
    assertThat(login(flags)).isEqualTo(mechanism);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          --sasl-enable                                        | --sasl-enable: PLAIN needs --sasl-username and --sasl-password
          --sasl-enable --sasl-method DIGEST                   | --sasl-method: 'DIGEST' is not one of PLAIN
          --sasl-enable --sasl-method GSSAPI                   | --sasl-enable: GSSAPI needs --gssapi-realm
          --sasl-plugin-enable                                 | --sasl-plugin-enable: this needs --sasl-enable as well
          --sasl-enable --sasl-plugin-enable                   | --sasl-plugin-enable: this needs --sasl-plugin-command
          --sasl-enable --sasl-plugin-enable --sasl-plugin-command x --sasl-plugin-mechanism PLAIN | 'PLAIN' is not OAUTHBEARER
          --proxy-listener-tls-enable                          | --proxy-listener-tls-enable: this needs --proxy-listener-cert-file and --proxy-listener-key-file
          --tls-enable --tls-client-cert-file c                | --tls-client-cert-file and --tls-client-key-file must be given together
          --tls-same-client-cert-enable                        | --tls-same-client-cert-enable: this needs --proxy-listener-tls-enable as well
          --auth-local-enable                                  | --auth-local-enable: this needs --auth-local-command
          --auth-local-enable --auth-local-command auth-user   | auth-user needs the arguments --username and --password
          --auth-local-enable --auth-local-command auth-user --auth-local-param --usrname=x | auth-user has no argument --usrname
          --auth-local-enable --auth-local-command auth-user --auth-local-mechanism OAUTHBEARER | 'auth-user' cannot be used with OAUTHBEARER
          --auth-local-enable --auth-local-command x --auth-local-mechanism SCRAM | 'SCRAM' is not one of PLAIN, OAUTHBEARER
          --auth-local-enable --auth-local-command auth-ldap --auth-local-param --url=ldap://l | LDAP needs one of searchBase, domain and userDn
          --auth-gateway-client-enable                         | --auth-gateway-client-enable: this needs --auth-gateway-client-command
          --auth-gateway-server-enable                         | --auth-gateway-server-enable: this needs --auth-gateway-server-command
          --forward-proxy ftp://p:1                            | --forward-proxy: a forward proxy is given as socks5://host:port, http://host:port or https://host:port
          --sasl-enable --sasl-username u --sasl-password-file /none/such | /none/such: there is no such file
          """)
  void reportsInvalidValues(String flags, String problem) {
    assertThat(problems(flags)).anySatisfy(line -> assertThat(line).contains(problem));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--auth-local-command unsecured-jwt-info --auth-local-param --claim-sub=a",
        "--auth-local-command google-id-info --auth-local-param --audience=a --auth-local-param"
            + " --email-regex=@example.com$ --auth-local-param --timeout=5",
        "--auth-local-command oidc-info --auth-local-param --jwks-url=https://i/keys"
            + " --auth-local-param --issuer=https://i --auth-local-param --audience=kafka",
        "--auth-local-command /my/own/verifier --auth-local-log-level info --auth-local-timeout 3s",
      })
  void authenticatesByTokens(String flags) {
    Entry entry = entry("--auth-local-enable --auth-local-mechanism OAUTHBEARER " + flags);
    assertThat(((Authentication.Sasl) entry.authentication()).mechanisms())
        .singleElement()
        .satisfies(mechanism -> assertThat(OpenedNames.of(mechanism)).isEqualTo("OAUTHBEARER"));
  }

  @Test
  void startsProgramsOnlyWithTheGateway() {
    Entry entry = entry("--auth-local-enable --auth-local-command /my/own/program");
    assertThat(((Authentication.Sasl) entry.authentication()).mechanisms())
        .singleElement()
        .isEqualTo(
            new ExternalAccounts.Settings(
                new PlainMechanism.Settings(
                    new PluginPasswordVerifier.Settings(
                        PluginSettings.of("/my/own/program", List.of()))),
                new StoreSettings.Memory()));
  }

  @Test
  void sendsAndRequiresHandshakesBetweenGateways() {
    Access access =
        access(
            "--auth-gateway-client-enable --auth-gateway-client-command unsecured-jwt-provider"
                + " --auth-gateway-client-param --claim-sub=me --auth-gateway-client-method m"
                + " --auth-gateway-client-magic 18446744073709551615");
    assertThat(requireNonNull(access.handshake()).magic()).isEqualTo(-1);
    Entry entry =
        entry(
            "--auth-gateway-server-enable --auth-gateway-server-command unsecured-jwt-info"
                + " --auth-gateway-server-method m --auth-gateway-server-magic 7"
                + " --auth-gateway-server-timeout 3s");
    assertThat(requireNonNull(entry.handshake()).method()).isEqualTo("m");
  }

  @Test
  void takesSecretsFromFilesAndVariables() throws Exception {
    Path file = Files.writeString(folder.resolve("password"), "from-file\n");
    String flags = MAPPING + "--sasl-enable --sasl-username u ";
    SettingsBinder.Result byFile = bind(Map.of(), flags + "--sasl-password-file " + file);
    SettingsBinder.Result byVariable = bind(Map.of("SASL_PASSWORD", "from-variable"), flags);
    for (SettingsBinder.Result result : List.of(byFile, byVariable)) {
      assertThat(result.problems().lines()).isEmpty();
      assertThat(result.yaml()).doesNotContain("from-file", "from-variable").contains("***");
    }
  }

  @Test
  void setsTheRestOfTls() {
    ServerTls tls =
        requireNonNull(
            entry(
                    "--proxy-listener-tls-enable --proxy-listener-cert-file c"
                        + " --proxy-listener-key-file k --proxy-listener-key-password pw"
                        + " --proxy-listener-ca-chain-cert-file ca --proxy-listener-crl-file crl"
                        + " --proxy-listener-cipher-suites"
                        + " TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305"
                        + " --proxy-listener-curve-preferences X25519,P256"
                        + " --proxy-listener-tls-required-client-subject s:/CN=[a]/O=[b,c]"
                        + " --tls-enable --tls-client-cert-file cc --tls-client-key-file ck"
                        + " --tls-same-client-cert-enable")
                .tls());
    assertThat(tls.clients().pinned()).isEqualTo(Path.of("cc"));
    assertThat(tls.clients().revoked()).isEqualTo(Path.of("crl"));
    assertThat(tls.ciphers().curves()).containsExactly("X25519", "P256");
    assertThat(tls.ciphers().suites())
        .containsExactly(
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
    assertThat(
            requireNonNull(access("--forward-proxy socks5://u:p@proxy:1080").forwardProxy()).user())
        .isEqualTo("u");
  }

  // ---- Conduktor Gateway ------------------------------------------------------------------------

  private static SettingsBinder.Result run(String variables) {
    Map<String, String> environment = new TreeMap<>();
    for (String line : variables.lines().toList()) {
      String[] sides = line.split(": ", 2);
      environment.put(sides[0].strip(), sides[1].strip());
    }
    return Configuration.ofRun(Arguments.parse(List.of(), Command.RUN.flags()), environment);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
        KAFKA_BOOTSTRAP_SERVERS: b1:9092,b2:9092, b3:9092
        KAFKA_SECURITY_PROTOCOL: SSL
        KAFKA_SASL_MECHANISM: PLAIN
        KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hidden-1";
        KAFKA_SSL_TRUSTSTORE_TYPE: JKS
        KAFKA_SSL_TRUSTSTORE_LOCATION: /path/to/truststore.jks
        KAFKA_SSL_TRUSTSTORE_PASSWORD: hidden-2
        KAFKA_SSL_KEYSTORE_TYPE: JKS
        KAFKA_SSL_KEYSTORE_LOCATION: /path/to/keystore.jks
        KAFKA_SSL_KEYSTORE_PASSWORD: hidden-3
        KAFKA_SSL_KEY_PASSWORD: hidden-4
        """,
        """
        GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
        KAFKA_BOOTSTRAP_SERVERS: b1:9092,b2:9092
        KAFKA_SECURITY_PROTOCOL: SASL_PLAINTEXT
        KAFKA_SASL_MECHANISM: PLAIN
        KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hidden-1";
        """,
        """
        GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
        KAFKA_BOOTSTRAP_SERVERS: b1:9092
        KAFKA_SECURITY_PROTOCOL: SASL_SSL
        KAFKA_SASL_MECHANISM: SCRAM-SHA-256
        KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="hidden-1";
        KAFKA_SSL_TRUSTSTORE_TYPE: JKS
        KAFKA_SSL_TRUSTSTORE_LOCATION: /path/to/truststore.jks
        KAFKA_SSL_TRUSTSTORE_PASSWORD: hidden-2
        """,
        """
        GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
        KAFKA_BOOTSTRAP_SERVERS: b1:9092
        KAFKA_SECURITY_PROTOCOL: SASL_SSL
        KAFKA_SASL_MECHANISM: OAUTHBEARER
        KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: https://myidp.example.com/oauth2/default/v1/token
        KAFKA_SASL_LOGIN_CALLBACK_HANDLER_CLASS: org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler
        KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="c" clientSecret="hidden-1" scope=".default";
        """,
        """
        GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
        KAFKA_BOOTSTRAP_SERVERS: b-3-public.x.kafka.eu-west-1.amazonaws.com:9198
        KAFKA_SECURITY_PROTOCOL: SASL_SSL
        KAFKA_SASL_MECHANISM: AWS_MSK_IAM
        KAFKA_SASL_JAAS_CONFIG: software.amazon.msk.auth.iam.IAMLoginModule required;
        KAFKA_SASL_CLIENT_CALLBACK_HANDLER_CLASS: io.conduktor.aws.IAMClientCallbackHandler
        KAFKA_AWS_ACCESS_KEY_ID: hidden-5
        KAFKA_AWS_SECRET_ACCESS_KEY: hidden-6
        """,
        """
        GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
        KAFKA_BOOTSTRAP_SERVERS: b1:9092
        KAFKA_SECURITY_PROTOCOL: SASL_SSL
        KAFKA_SASL_MECHANISM: GSSAPI
        KAFKA_SASL_JAAS_CONFIG: com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab="/k" principal="a@B";
        KAFKA_SASL_KERBEROS_SERVICE_NAME: kafka
        KAFKA_SSL_TRUSTSTORE_TYPE: JKS
        KAFKA_SSL_TRUSTSTORE_LOCATION: /path/to/truststore.jks
        KAFKA_SSL_TRUSTSTORE_PASSWORD: hidden-2
        """
      })
  void readsEveryWayToKafka(String variables) {
    SettingsBinder.Result result = run(variables);
    assertThat(result.problems().lines()).isEmpty();
    assertThat(result.yaml() + result.problems().notices()).doesNotContain("hidden");
    Access access = requireNonNull(result.settings()).gateway().upstream().access();
    assertThat(access.tls() != null)
        .isEqualTo(variables.contains("_PROTOCOL: S") && variables.contains("SSL\n"));
    assertThat(access.accounts().own() != null).isEqualTo(variables.contains("PROTOCOL: SASL"));
  }

  @Test
  void readsStoresAndVerificationOfBrokers() {
    SettingsBinder.Result result =
        run(
            """
            KAFKA_BOOTSTRAP_SERVERS: b1:9092
            GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
            KAFKA_SECURITY_PROTOCOL: SSL
            KAFKA_SSL_TRUSTSTORE_TYPE: PEM
            KAFKA_SSL_TRUSTSTORE_LOCATION: /ca.pem
            KAFKA_SSL_KEYSTORE_TYPE: PEM
            KAFKA_SSL_KEYSTORE_LOCATION: /both.pem
            KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM: \s
            KAFKA_SSL_ENABLED_PROTOCOLS: TLSv1.3
            """);
    assertThat(result.problems().lines()).isEmpty();
    ClientTls tls =
        requireNonNull(requireNonNull(result.settings()).gateway().upstream().access().tls());
    assertThat(tls.trust()).isEqualTo(new TrustSource.Pem(Path.of("/ca.pem"), false));
    assertThat(tls.key())
        .isEqualTo(new KeySource.Pem(Path.of("/both.pem"), Path.of("/both.pem"), null));
    assertThat(tls.verifyHost()).isFalse();
    assertThat(tls.ciphers().protocols()).containsExactly("TLSv1.3");
  }
}
