package io.gatehouse.auth.sasl.ldap;

import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.RootDSE;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.SaslFailure;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the entry of a user who just bound. Not every directory allows that. */
final class UserEntry {

  private static final int MOST = 3;

  /** Results that mean that the entry is not readable, rather than a failing directory. */
  private static final Set<ResultCode> NOT_READABLE =
      Set.of(
          ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
          ResultCode.NO_SUCH_OBJECT,
          ResultCode.NO_SUCH_ATTRIBUTE,
          ResultCode.UNWILLING_TO_PERFORM,
          ResultCode.REFERRAL,
          ResultCode.AUTHORIZATION_DENIED,
          ResultCode.OPERATIONS_ERROR,
          ResultCode.SIZE_LIMIT_EXCEEDED);

  private UserEntry() {}

  /** The user's entry, or null if it cannot be read. */
  static @Nullable SearchResultEntry at(
      LDAPConnection connection, LdapLookup.DirectBind direct, String user) throws LDAPException {
    List<SearchResultEntry> found =
        search(
            connection,
            direct.dnOf(user),
            SearchScope.BASE,
            Filter.createPresenceFilter("objectClass"),
            direct.nameAttributes());
    return found.size() == 1 ? found.getFirst() : null;
  }

  /** The entry with this name in Active Directory, or null if it cannot be read. */
  static @Nullable SearchResultEntry byPrincipalName(
      LDAPConnection connection, LdapLookup.UserPrincipalName upn, String user)
      throws LDAPException, SaslFailure {
    String base = base(connection);
    if (base == null) {
      return null;
    }
    String whole = user + "@" + upn.domain();
    List<SearchResultEntry> found =
        search(
            connection,
            base,
            SearchScope.SUB,
            Filter.createORFilter(
                Filter.createEqualityFilter("userPrincipalName", whole),
                Filter.createEqualityFilter("sAMAccountName", user)),
            upn.nameAttributes());
    // If the two attributes match different entries, the bind was as the one of userPrincipalName.
    List<SearchResultEntry> first =
        found.stream()
            .filter(entry -> entry.hasAttributeValue("userPrincipalName", whole))
            .toList();
    if (first.size() == 1 || found.size() != 1) {
      return first.size() == 1 ? first.getFirst() : null;
    }
    return withoutOtherName(found.getFirst(), upn.domain(), user);
  }

  /**
   * Checks an entry that was found by its account name only. If the entry has a userPrincipalName
   * in the same domain, it would be reachable by two names, or it is another user's: the one who
   * bound may be in another domain of the forest with the same suffix, whose entry is not visible
   * here.
   */
  private static SearchResultEntry withoutOtherName(
      SearchResultEntry found, String domain, String user) throws SaslFailure {
    String own = found.getAttributeValue("userPrincipalName");
    if (own != null
        && own.toLowerCase(Locale.ROOT).endsWith("@" + domain.toLowerCase(Locale.ROOT))) {
      throw new SaslFailure(
          SaslFailure.Reason.BAD_CREDENTIALS,
          "user "
              + ClientText.shown(user)
              + " is an account name whose owner has a userPrincipalName in this domain, which is"
              + " what to log in with");
    }
    return found;
  }

  private static @Nullable String base(LDAPConnection connection) throws LDAPException {
    RootDSE root;
    try {
      root = connection.getRootDSE();
    } catch (LDAPException e) {
      checkReadable(e);
      return null;
    }
    if (root == null) {
      return null;
    }
    String standard = root.getAttributeValue("defaultNamingContext");
    String[] all = root.getNamingContextDNs();
    return standard != null ? standard : all != null && all.length == 1 ? all[0] : null;
  }

  private static List<SearchResultEntry> search(
      LDAPConnection connection,
      String base,
      SearchScope scope,
      Filter filter,
      List<NameAttribute> nameAttributes)
      throws LDAPException {
    try {
      return connection
          .search(NameAttribute.search(base, scope, filter, nameAttributes, MOST))
          .getSearchEntries();
    } catch (LDAPSearchException e) {
      checkReadable(e);
      return List.of();
    }
  }

  /** Rethrows a failure of the directory itself. */
  private static void checkReadable(LDAPException e) throws LDAPException {
    if (!NOT_READABLE.contains(e.getResultCode())) {
      throw e;
    }
  }
}
