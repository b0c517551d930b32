package io.gatehouse.testkit.ldap;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldif.LDIFException;
import io.gatehouse.testkit.pki.Credentials;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An LDAP server with users below {@code ou=people,dc=example,dc=org} and groups below {@code
 * ou=groups,dc=example,dc=org}:
 *
 * <pre>
 *   try (LdapServer ldap = LdapServer.start(ca.server()).user("alice", "secret").group("dev", "alice")) {
 *     String url = ldap.url(); // or ldapsUrl(); the first supports StartTLS
 *   }
 * </pre>
 */
public final class LdapServer implements AutoCloseable {

  /** The base DN. */
  public static final String BASE = "dc=example,dc=org";

  /** The DN above the users. */
  public static final String PEOPLE = "ou=people," + BASE;

  /** The DN above the groups. */
  public static final String GROUPS = "ou=groups," + BASE;

  /** The DN of the account that may search, with {@link #ADMIN_PASSWORD}. */
  public static final String ADMIN = "cn=admin," + BASE;

  /** The password of {@link #ADMIN}. */
  public static final String ADMIN_PASSWORD = "admin-secret";

  private static final String PLAIN = "ldap";
  private static final String TLS = "ldaps";

  private final InMemoryDirectoryServer server;
  private final boolean tls;
  private final List<String> binds;
  private final List<String> filters;

  private LdapServer(
      InMemoryDirectoryServer server, boolean tls, List<String> binds, List<String> filters) {
    this.server = server;
    this.tls = tls;
    this.binds = binds;
    this.filters = filters;
  }

  /** Starts a server without TLS. */
  public static LdapServer start() {
    return create(null);
  }

  /** Starts a server with StartTLS and LDAPS and these credentials, which must be for localhost. */
  public static LdapServer start(Credentials identity) {
    return create(identity);
  }

  private static LdapServer create(@Nullable Credentials identity) {
    List<String> binds = new CopyOnWriteArrayList<>();
    List<String> filters = new CopyOnWriteArrayList<>();
    try {
      InMemoryDirectoryServerConfig settings = new InMemoryDirectoryServerConfig(BASE);
      settings.setSchema(null);
      settings.addAdditionalBindCredentials(ADMIN, ADMIN_PASSWORD);
      settings.setListenerConfigs(listeners(identity));
      settings.addInMemoryOperationInterceptor(new Recorder(binds, filters));
      InMemoryDirectoryServer server = new InMemoryDirectoryServer(settings);
      server.add("dn: " + BASE, "objectClass: domain", "dc: example");
      server.add("dn: " + PEOPLE, "objectClass: organizationalUnit", "ou: people");
      server.add("dn: " + GROUPS, "objectClass: organizationalUnit", "ou: groups");
      server.startListening();
      return new LdapServer(server, identity != null, binds, filters);
    } catch (LDAPException | LDIFException e) {
      throw new IllegalStateException("cannot start a directory", e);
    }
  }

  private static Collection<InMemoryListenerConfig> listeners(@Nullable Credentials identity)
      throws LDAPException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    SSLContext context = identity == null ? null : Credentials.context(identity);
    List<InMemoryListenerConfig> all = new ArrayList<>();
    all.add(
        InMemoryListenerConfig.createLDAPConfig(
            PLAIN, loopback, 0, context == null ? null : context.getSocketFactory()));
    if (context != null) {
      all.add(
          InMemoryListenerConfig.createLDAPSConfig(
              TLS, loopback, 0, context.getServerSocketFactory(), context.getSocketFactory()));
    }
    return all;
  }

  /** Adds a user. The name may contain any characters. */
  public LdapServer user(String name, String password) {
    return add(
        userDn(name),
        new Attribute("objectClass", "inetOrgPerson"),
        new Attribute("uid", name),
        new Attribute("cn", name),
        new Attribute("sn", name),
        new Attribute("mail", name + "@example.org"),
        new Attribute("userPassword", password));
  }

  /** Adds a group of these users. */
  public LdapServer group(String name, String... users) {
    List<String> members = new ArrayList<>();
    for (String user : users) {
      members.add(userDn(user));
    }
    return add(
        new DN(new RDN("cn", name)) + "," + GROUPS,
        new Attribute("objectClass", "groupOfNames"),
        new Attribute("cn", name),
        new Attribute("member", members));
  }

  private LdapServer add(String name, Attribute... attributes) {
    try {
      server.add(name, attributes);
      return this;
    } catch (LDAPException e) {
      throw new IllegalStateException("cannot add " + name, e);
    }
  }

  /** The DN of a user, with the name escaped. */
  public String userDn(String name) {
    return new DN(new RDN("uid", name)) + "," + PEOPLE;
  }

  /** {@code ldap://localhost:PORT}. */
  public String url() {
    return "ldap://localhost:" + server.getListenPort(PLAIN);
  }

  /**
   * {@code ldaps://localhost:PORT}.
   *
   * @throws IllegalStateException if it was started without credentials
   */
  public String ldapsUrl() {
    if (!tls) {
      throw new IllegalStateException("started without credentials for TLS");
    }
    return "ldaps://localhost:" + server.getListenPort(TLS);
  }

  /** The DNs of bind requests, in order. */
  public List<String> bindsSeen() {
    return binds;
  }

  /** The filters of search requests, in order. */
  public List<String> filtersSeen() {
    return filters;
  }

  @Override
  public void close() {
    server.shutDown(true);
  }

  private static final class Recorder extends InMemoryOperationInterceptor {

    private final List<String> binds;
    private final List<String> filters;

    Recorder(List<String> binds, List<String> filters) {
      this.binds = binds;
      this.filters = filters;
    }

    @Override
    public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request) {
      binds.add(request.getRequest().getBindDN());
    }

    @Override
    public void processSearchRequest(InMemoryInterceptedSearchRequest request) {
      filters.add(request.getRequest().getFilter().toString());
    }
  }
}
