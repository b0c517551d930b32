package io.gatehouse.auth.login.kafka;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An account in a Kerberos realm, as kafka-proxy's {@code --gssapi-*} flags describe it
 * (docs/kafka-proxy.md).
 *
 * @param proof how the account authenticates at the KDC
 * @param service first part of the brokers' principals, usually "kafka"
 * @param username without the realm
 * @param realm of the user
 * @param password for {@link Proof#USER}
 * @param keytab for {@link Proof#KEYTAB}
 * @param config the krb5.conf; null for the platform's. A process can use only one
 * @param hosts maps hosts of broker addresses to hosts of broker principals; others are used
 *     unchanged
 */
public record KerberosAccount(
    Proof proof,
    String service,
    String username,
    String realm,
    @Nullable Secret password,
    @Nullable Path keytab,
    @Nullable Path config,
    Map<String, String> hosts)
    implements Source<Login> {

  private static final String CONFIG = "java.security.krb5.conf";

  /** How the account authenticates at the KDC. */
  public enum Proof {
    KEYTAB,
    USER
  }

  public KerberosAccount {
    hosts = Map.copyOf(hosts);
  }

  /**
   * Creates the login. The KDC is not contacted before the first exchange.
   *
   * @throws IllegalArgumentException when a setting is missing, a file is unreadable, or the
   *     process already uses another krb5.conf
   */
  public Login login() {
    require("service", !service.isBlank());
    require("username", !username.isBlank());
    require("realm", !realm.isBlank());
    switch (proof) {
      case USER -> require("password", password != null);
      case KEYTAB -> {
        require("keytab", keytab != null);
        if (keytab != null && !Files.isReadable(keytab)) {
          throw new IllegalArgumentException("the keytab cannot be read: " + keytab);
        }
      }
    }
    if (config != null) {
      use(config);
    }
    return new KerberosTickets(this);
  }

  @Override
  public Login open(Leases parts) {
    return login();
  }

  @Override
  public void check() {
    login().close();
  }

  /** The account's principal, with the realm. */
  String principal() {
    return username + "@" + realm;
  }

  private static void require(String name, boolean given) {
    if (!given) {
      throw new IllegalArgumentException("GSSAPI needs a " + name);
    }
  }

  private static synchronized void use(Path file) {
    Path wanted = file.toAbsolutePath().normalize();
    if (!Files.isReadable(wanted)) {
      throw new IllegalArgumentException("the Kerberos configuration cannot be read: " + wanted);
    }
    String used = System.getProperty(CONFIG);
    if (used != null && !Path.of(used).toAbsolutePath().normalize().equals(wanted)) {
      throw new IllegalArgumentException(
          "a process has one Kerberos configuration: " + used + " is in use, not " + wanted);
    }
    System.setProperty(CONFIG, wanted.toString());
  }
}
