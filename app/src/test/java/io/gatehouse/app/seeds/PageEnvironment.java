package io.gatehouse.app.seeds;

import io.gatehouse.testkit.AwsAccount;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.ldap.LdapServer;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.StoreType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The environment of the gateways: three brokers, an identity provider with HTTPS, a KDC and an
 * LDAP server. It is shared by the tests of this package and ends with the JVM.
 *
 * <p>Listeners: TLS, MTLS, SASL and SASL_TLS (PLAIN, SCRAM, OAUTHBEARER), KERBEROS, KERBEROS_TLS
 * and IAM. Each accepts the account {@code gw-NAME} with the password {@code gw-NAME-secret}, or
 * with the credentials of its mechanism, and {@code alice}.
 */
final class PageEnvironment {

  static final Authority CA = Authority.create("Root CA");
  static final String REGION = "eu-west-1";
  static final AwsAccount AWS = new AwsAccount("arn:aws:iam::1:user/gw", "AKIDGW", "aws-secret");
  static final AwsAccount ROLE =
      new AwsAccount("arn:aws:sts::1:assumed-role/gw", "ASIAGW", "role-secret", "role-token");
  static final String GATEWAY = "gw-plain";
  static final String STORE_PASSWORD = "trusted";

  private static @Nullable PageEnvironment shared;

  final Path folder;
  final Path authority;
  final Path trustStore;
  final TokenServer idp;
  final Kdc kdc;
  final LdapServer ldap;
  final KafkaCluster cluster;

  private PageEnvironment(Path folder) throws IOException {
    this.folder = folder;
    authority = CA.writePem(folder.resolve("ca.crt"));
    trustStore = CA.writeTrustStore(folder.resolve("trust.jks"), StoreType.JKS, STORE_PASSWORD);
    idp = TokenServer.startTls(CA.server()).client("gw-oauth", "oauth-secret");
    idp.client("alice", "alice-secret");
    kdc = Kdc.start(Files.createDirectories(folder.resolve("kerberos")));
    ldap = LdapServer.start(CA.server()).user("alice", "alice-secret");
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 3)
            .with("group.initial.rebalance.delay.ms", "0")
            .with("offsets.topic.num.partitions", "3")
            .with(Listener.ssl("TLS", CA.server()))
            .with(
                Listener.ssl("MTLS", CA.server())
                    .requireClients(CA)
                    .principalRules("RULE:^CN=([a-z.-]+).*$/$1/"))
            .with(mechanisms(Listener.sasl("SASL")))
            .with(mechanisms(Listener.saslSsl("SASL_TLS", CA.server())))
            .with(Listener.sasl("KERBEROS").kerberos(kdc))
            .with(Listener.saslSsl("KERBEROS_TLS", CA.server()).kerberos(kdc))
            .with(Listener.saslSsl("IAM", CA.server()).mskIam(REGION, AWS, ROLE))
            .start();
  }

  static synchronized PageEnvironment get() {
    PageEnvironment one = shared;
    if (one == null) {
      try {
        one = new PageEnvironment(Files.createTempDirectory("gatehouse-seeds"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      shared = one;
    }
    return one;
  }

  private Listener mechanisms(Listener listener) {
    return listener
        .plain(GATEWAY, "gw-plain-secret")
        .plain("alice", "alice-secret")
        .scram("SCRAM-SHA-256", "gw-scram", "gw-scram-secret")
        .scram("SCRAM-SHA-512", "gw-scram-long", "gw-scram-secret")
        .scram("SCRAM-SHA-256", "alice", "alice-secret")
        .scram("SCRAM-SHA-512", "alice-long", "alice-secret")
        .oauth(idp)
        .systemProperty("javax.net.ssl.trustStore", trustStore.toString())
        .systemProperty("javax.net.ssl.trustStorePassword", STORE_PASSWORD);
  }

  /** {@code host:port} of one broker's listener. */
  String broker(String listener, int id) {
    return cluster.bootstrapServers(listener).split(",", -1)[id];
  }

  /** JVM options that make the test authority trusted by default. */
  String wellKnownAuthority() {
    return String.format(
        Locale.ROOT,
        "-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s",
        trustStore,
        STORE_PASSWORD);
  }
}
