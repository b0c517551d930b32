package io.gatehouse.auth.sasl.ldap;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import io.gatehouse.testkit.pki.Credentials;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/** An in-memory directory with LDAP (and STARTTLS) on one port and LDAPS on another. */
final class Directory implements AutoCloseable {

  static final String PEOPLE = "ou=people,dc=example,dc=org";
  static final String SEARCHER = "cn=searcher,dc=example,dc=org";

  private final InMemoryDirectoryServer server;
  private final List<String> binds = new CopyOnWriteArrayList<>();
  private volatile boolean readable = true;

  Directory(Credentials credentials) throws Exception {
    SSLContext tls = Credentials.context(credentials);
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
    config.setSchema(null);
    config.addAdditionalBindCredentials(SEARCHER, "searcher-secret");
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            "ldap", InetAddress.getLoopbackAddress(), 0, tls.getSocketFactory()),
        InMemoryListenerConfig.createLDAPSConfig(
            "ldaps",
            InetAddress.getLoopbackAddress(),
            0,
            tls.getServerSocketFactory(),
            tls.getSocketFactory()));
    config.addInMemoryOperationInterceptor(
        new InMemoryOperationInterceptor() {
          @Override
          public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest intercepted)
              throws LDAPException {
            SimpleBindRequest request = intercepted.getRequest().duplicate();
            binds.add(request.getBindDN());
            // Active Directory accepts both of a user's names, in any case.
            if (request.getBindDN().toLowerCase(Locale.ROOT).matches("al(ice)?@corp.example.org")) {
              intercepted.setRequest(
                  new SimpleBindRequest("uid=alice," + PEOPLE, request.getPassword().getValue()));
            }
          }

          @Override
          public void processSearchRequest(InMemoryInterceptedSearchRequest request)
              throws LDAPException {
            if (!readable) {
              throw new LDAPException(ResultCode.INSUFFICIENT_ACCESS_RIGHTS, "not for you");
            }
          }
        });
    server = new InMemoryDirectoryServer(config);
    server.add("dn: dc=example,dc=org", "objectClass: domain", "dc: example");
    server.add("dn: " + PEOPLE, "objectClass: organizationalUnit", "ou: people");
    server.add("dn: ou=guests," + PEOPLE, "objectClass: organizationalUnit", "ou: guests");
    person("uid=alice," + PEOPLE, "alice", "alice-secret");
    server.modify(
        "dn: uid=alice," + PEOPLE,
        "changetype: modify",
        "add: userPrincipalName",
        "userPrincipalName: Alice@corp.example.org",
        "-",
        "add: sAMAccountName",
        "sAMAccountName: AL",
        "-",
        "add: mail",
        "mail: alice@example.org");
    person("uid=Zoe Q," + PEOPLE, "Zoe Q", "zoe-secret");
    person("uid=max," + PEOPLE, "max", "max-secret");
    server.modify("dn: uid=max," + PEOPLE, "changetype: modify", "add: uid", "uid: moritz");
    person("cn=two names," + PEOPLE, "one", "two-secret");
    server.modify("dn: cn=two names," + PEOPLE, "changetype: modify", "add: uid", "uid: another");
    person("uid=a\\,b\\+c\\\\d," + PEOPLE, "a,b+c\\d", "odd-secret");
    person("uid=a(b)*c," + PEOPLE, "a(b)*c", "odd-secret");
    person("uid=eve,ou=guests," + PEOPLE, "eve", "eve-secret");
    person("cn=twin1," + PEOPLE, "twin", "twin-secret");
    person("cn=twin2," + PEOPLE, "twin", "twin-secret");
    server.startListening();
  }

  private void person(String dn, String uid, String password) throws Exception {
    server.add("dn: " + dn, "objectClass: person", "uid: " + uid, "userPassword: " + password);
  }

  String ldap() {
    return "ldap://127.0.0.1:" + server.getListenPort("ldap");
  }

  String ldaps() {
    return "ldaps://127.0.0.1:" + server.getListenPort("ldaps");
  }

  /** Whether entries may be read. */
  void readable(boolean may) {
    readable = may;
  }

  /** The DNs of bind attempts, in order. */
  List<String> binds() {
    return binds;
  }

  @Override
  public void close() {
    server.shutDown(true);
  }
}
