package io.gatehouse.auth.sasl.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import io.gatehouse.auth.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a user's name is turned into an LDAP name to bind with (docs/kafka-proxy.md). */
public sealed interface LdapLookup {

  /**
   * Searches for the user's entry, then binds with its DN.
   *
   * @param bindDn {@code --bind-dn}: the DN to search with; null for anonymous
   * @param bindPassword {@code --bind-passwd}
   * @param base {@code --user-search-base}
   * @param filter {@code --user-filter}, with {@code %u} in place of the name
   * @param attribute {@code --user-attr}: holds the principal's name; null for the attributes that
   *     the filter compares with the name
   */
  record Search(
      @Nullable String bindDn,
      @Nullable Secret bindPassword,
      String base,
      String filter,
      @Nullable String attribute)
      implements LdapLookup {

    private static final String USER = "%u";

    /**
     * @throws IllegalArgumentException when a DN, an attribute or the filter is invalid
     */
    public Search {
      checkDn("--user-search-base", base);
      if (bindDn != null) {
        checkDn("--bind-dn", bindDn);
        if (bindPassword == null || bindPassword.reveal().isEmpty()) {
          throw new IllegalArgumentException(
              "--bind-dn needs --bind-passwd: without a password the directory takes anybody's"
                  + " name");
        }
      }
      if (!filter.contains(USER)) {
        throw new IllegalArgumentException("--user-filter " + filter + " does not contain %u");
      }
      try {
        if (nameAttributes(filter, attribute).isEmpty()) {
          throw new IllegalArgumentException(
              "--user-filter "
                  + filter
                  + " compares no attribute with %u as a whole: name the one that holds a user's"
                  + " name (userAttribute, --user-attr)");
        }
      } catch (LDAPException e) {
        throw new IllegalArgumentException(
            "--user-filter " + filter + " is no LDAP filter: " + e.getMessage(), e);
      }
    }

    /** A search that takes the principal's name from the attributes of the filter. */
    public Search(
        @Nullable String bindDn, @Nullable Secret bindPassword, String base, String filter) {
      this(bindDn, bindPassword, base, filter, null);
    }

    private static List<NameAttribute> nameAttributes(String filter, @Nullable String attribute)
        throws LDAPException {
      List<NameAttribute> compared = NameAttribute.comparedIn(filter, USER);
      if (attribute == null) {
        return compared;
      }
      checkAttribute(attribute);
      // Text that the filter puts around the name is not part of the name.
      List<NameAttribute> same =
          compared.stream().filter(one -> one.attribute().equalsIgnoreCase(attribute)).toList();
      return same.isEmpty() ? List.of(NameAttribute.of(attribute)) : same;
    }

    /** The attributes that hold the principal's name, in order of preference. */
    List<NameAttribute> nameAttributes() throws LDAPException {
      return nameAttributes(filter, attribute);
    }

    /** The filter for this user, whose name is escaped. */
    Filter filterOf(String user) throws LDAPException {
      return Filter.create(filter.replace(USER, Filter.encodeValue(user)));
    }
  }

  /**
   * Binds as {@code user@domain}, as Active Directory accepts it.
   *
   * @param domain {@code --upn-domain}
   */
  record UserPrincipalName(String domain) implements LdapLookup {

    public UserPrincipalName {
      if (domain.isBlank() || domain.contains("@")) {
        throw new IllegalArgumentException("--upn-domain " + domain + " is no domain");
      }
    }

    /**
     * Active Directory accepts both attributes' values before the domain; the first is unique in
     * the forest.
     */
    List<NameAttribute> nameAttributes() {
      return List.of(
          new NameAttribute("userPrincipalName", "", "@" + domain),
          NameAttribute.of("sAMAccountName"));
    }
  }

  /**
   * Binds as {@code attribute=user,dn}, without a search.
   *
   * @param attribute {@code --user-attr}
   * @param dn {@code --user-dn}
   */
  record DirectBind(String attribute, String dn) implements LdapLookup {

    public DirectBind {
      checkAttribute(attribute);
      checkDn("--user-dn", dn);
    }

    List<NameAttribute> nameAttributes() {
      return List.of(NameAttribute.of(attribute));
    }

    String dnOf(String user) {
      return new RDN(attribute, user) + "," + dn;
    }
  }

  private static void checkAttribute(String attribute) {
    if (!attribute.matches("[A-Za-z][A-Za-z0-9-]*")) {
      throw new IllegalArgumentException("--user-attr " + attribute + " is no attribute");
    }
  }

  private static void checkDn(String name, String dn) {
    if (dn.isBlank() || !DN.isValidDN(dn)) {
      throw new IllegalArgumentException(name + " '" + dn + "' is no distinguished name");
    }
  }
}
