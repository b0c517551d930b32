package io.gatehouse.testkit.kerberos;

import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kerby.kerberos.kerb.KrbException;
import org.apache.kerby.kerberos.kerb.server.SimpleKdcServer;

/**
 * A KDC with the realm {@code GATEHOUSE.TEST}:
 *
 * <pre>
 *   try (Kdc kdc = Kdc.start(folder)) {
 *     Path keytab = kdc.keytab("client");
 *     spec.with(Listener.sasl("KERBEROS").kerberos(kdc));
 *     Admin.create(cluster.clientProperties("KERBEROS", AuthenticationProperties.kerberos(kdc, "client")));
 *   }
 * </pre>
 */
public final class Kdc implements AutoCloseable {

  /** The realm. */
  public static final String REALM = "GATEHOUSE.TEST";

  /** The system property with the path of the Kerberos settings. */
  public static final String KRB5_CONF = "java.security.krb5.conf";

  private final Path folder;
  private final Ports ports;
  private final SimpleKdcServer server;

  private Kdc(Path folder, Ports ports, SimpleKdcServer server) {
    this.folder = folder;
    this.ports = ports;
    this.server = server;
  }

  /** Starts a KDC with its files in this folder. */
  public static Kdc start(Path folder) {
    Ports ports = Ports.reserve(1);
    try {
      Path work = Files.createDirectories(folder.resolve("kdc"));
      SimpleKdcServer server = new SimpleKdcServer();
      server.setKdcHost("localhost");
      server.setKdcRealm(REALM);
      server.setAllowUdp(false);
      server.setAllowTcp(true);
      server.setKdcTcpPort(ports.get(0));
      server.setWorkDir(work.toFile());
      server.init();
      server.start();
      Kdc kdc = new Kdc(folder, ports, server);
      Files.writeString(kdc.krb5Conf(), settings(ports.get(0)));
      return kdc;
    } catch (IOException e) {
      ports.close();
      throw new UncheckedIOException(e);
    } catch (KrbException e) {
      ports.close();
      throw new IllegalStateException("cannot start a KDC", e);
    }
  }

  private static String settings(int port) {
    return """
    [libdefaults]
      default_realm = %1$s
      dns_lookup_kdc = false
      dns_lookup_realm = false
      dns_canonicalize_hostname = false
      rdns = false
      udp_preference_limit = 1
    [realms]
      %1$s = {
        kdc = localhost:%2$d
      }
    [domain_realm]
      localhost = %1$s
    """
        .formatted(REALM, port);
  }

  /** The Kerberos settings of this realm. */
  public Path krb5Conf() {
    return folder.resolve("krb5.conf");
  }

  /** The full name of a principal. */
  public String principal(String name) {
    return name + "@" + REALM;
  }

  /**
   * The keytab of a principal such as {@code client} or {@code kafka/localhost}, which is created
   * if necessary.
   */
  public synchronized Path keytab(String name) {
    Path file = folder.resolve(name.replace('/', '.') + ".keytab");
    if (!Files.exists(file)) {
      try {
        server.createPrincipal(principal(name));
        server.exportPrincipal(principal(name), file.toFile());
      } catch (KrbException e) {
        throw new IllegalStateException("cannot make principal " + name, e);
      }
    }
    return file;
  }

  /** Creates a principal with a password. */
  public synchronized Kdc user(String name, String password) {
    try {
      server.createPrincipal(principal(name), password);
      return this;
    } catch (KrbException e) {
      throw new IllegalStateException("cannot make principal " + name, e);
    }
  }

  /** Removes a principal, so that it receives no new tickets. */
  public synchronized void remove(String name) {
    try {
      server.deletePrincipal(principal(name));
    } catch (KrbException e) {
      throw new IllegalStateException("cannot remove principal " + name, e);
    }
  }

  /**
   * Makes this the realm of the current JVM. A login with {@code refreshKrb5Config=true} uses it
   * even if the JVM had read other settings before.
   */
  public Kdc useInThisJvm() {
    System.setProperty(KRB5_CONF, krb5Conf().toString());
    return this;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (KrbException e) {
      throw new IllegalStateException("cannot stop the KDC", e);
    } finally {
      ports.close();
      if (krb5Conf().toString().equals(System.getProperty(KRB5_CONF))) {
        System.clearProperty(KRB5_CONF);
      }
    }
  }
}
