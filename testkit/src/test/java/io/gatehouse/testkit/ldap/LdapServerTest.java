package io.gatehouse.testkit.ldap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPURL;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.extensions.StartTLSExtendedRequest;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.util.Properties;
import javax.naming.AuthenticationException;
import javax.naming.Context;
import javax.naming.directory.InitialDirContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class LdapServerTest {

  private static final Authority CA = Authority.create("Test CA");
  private static final LdapServer LDAP =
      LdapServer.start(CA.server())
          .user("alice", "alice-secret")
          .user("eve,ou=x*)(", "eve-secret")
          .group("dev", "alice");

  @AfterAll
  static void stop() {
    LDAP.close();
  }

  @Test
  void usersBindWithTheirPasswordOnly() throws Exception {
    try (LDAPConnection client = connect(LDAP.url(), false)) {
      client.bind(LDAP.userDn("alice"), "alice-secret");
      client.bind(LDAP.userDn("eve,ou=x*)("), "eve-secret");
      assertThatThrownBy(() -> client.bind(LDAP.userDn("alice"), "wrong"))
          .isInstanceOf(LDAPException.class);
      assertThat(LDAP.bindsSeen()).contains("uid=alice,ou=people,dc=example,dc=org");
    }
  }

  @Test
  void groupsAreFound() throws Exception {
    try (LDAPConnection client = connect(LDAP.url(), false)) {
      client.bind(LdapServer.ADMIN, LdapServer.ADMIN_PASSWORD);
      Filter filter = Filter.createEqualityFilter("member", LDAP.userDn("alice"));
      assertThat(
              client
                  .search(LdapServer.GROUPS, SearchScope.SUB, filter)
                  .getSearchEntries()
                  .getFirst()
                  .getAttributeValue("cn"))
          .isEqualTo("dev");
      assertThat(LDAP.filtersSeen()).contains("(member=uid=alice,ou=people,dc=example,dc=org)");
    }
  }

  @Test
  void tlsIsSpokenBothWays() throws Exception {
    try (LDAPConnection client = connect(LDAP.ldapsUrl(), true)) {
      client.bind(LDAP.userDn("alice"), "alice-secret");
    }
    try (LDAPConnection client = connect(LDAP.url(), false)) {
      client.processExtendedOperation(new StartTLSExtendedRequest(Credentials.context(null, CA)));
      client.bind(LDAP.userDn("alice"), "alice-secret");
      assertThat(client.getSSLSession().getPeerPrincipal().getName()).isEqualTo("CN=localhost");
    }
    try (LDAPConnection client = connect(LDAP.url(), false)) {
      StartTLSExtendedRequest upgrade =
          new StartTLSExtendedRequest(Credentials.context(null, Authority.create("Other CA")));
      assertThatThrownBy(() -> client.processExtendedOperation(upgrade))
          .isInstanceOf(LDAPException.class);
    }
  }

  /** The JDK's LDAP client. */
  @Test
  void jndiSpeaksToIt() throws Exception {
    Properties settings = new Properties();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
    settings.put(Context.PROVIDER_URL, LDAP.url());
    settings.put(Context.SECURITY_PRINCIPAL, LDAP.userDn("alice"));
    settings.put(Context.SECURITY_CREDENTIALS, "alice-secret");
    new InitialDirContext(settings).close();
    settings.put(Context.SECURITY_CREDENTIALS, "wrong");
    assertThatThrownBy(() -> new InitialDirContext(settings))
        .isInstanceOf(AuthenticationException.class);
  }

  private static LDAPConnection connect(String url, boolean tls) throws Exception {
    LDAPURL parsed = new LDAPURL(url);
    return tls
        ? new LDAPConnection(
            Credentials.context(null, CA).getSocketFactory(), parsed.getHost(), parsed.getPort())
        : new LDAPConnection(parsed.getHost(), parsed.getPort());
  }
}
