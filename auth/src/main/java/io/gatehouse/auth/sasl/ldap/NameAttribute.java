package io.gatehouse.auth.sasl.ldap;

import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * An attribute that holds the user's name. Directories accept several spellings of a name (case,
 * spaces), and a principal must have only one: the value that the directory stores, whatever the
 * client sent.
 *
 * @param before text before the name in the attribute's value
 * @param after text after the name, for instance {@code @corp.example}
 */
record NameAttribute(String attribute, String before, String after) {

  /** Placeholder for the name while a filter is analysed; unlikely to occur in a filter. */
  private static final String MARK = "x0gatehouse0user0x";

  static NameAttribute of(String attribute) {
    return new NameAttribute(attribute, "", "");
  }

  /**
   * The attributes that a filter compares with the name, in its order. Substring matches are left
   * out, because they do not determine a name.
   */
  static List<NameAttribute> comparedIn(String filter, String user) throws LDAPException {
    Set<NameAttribute> found = new LinkedHashSet<>();
    collect(Filter.create(filter.replace(user, MARK)), found);
    return List.copyOf(found);
  }

  private static void collect(Filter filter, Set<NameAttribute> found) {
    switch (filter.getFilterType()) {
      case Filter.FILTER_TYPE_AND, Filter.FILTER_TYPE_OR -> {
        for (Filter part : filter.getComponents()) {
          collect(part, found);
        }
      }
      case Filter.FILTER_TYPE_EQUALITY -> {
        String[] sides = filter.getAssertionValue().split(MARK, -1);
        if (sides.length == 2) {
          found.add(new NameAttribute(filter.getAttributeName(), sides[0], sides[1]));
        }
      }
      default -> {}
    }
  }

  /**
   * The user's name in the first of these attributes that the entry has. Empty if it has none of
   * them.
   *
   * @throws Ambiguous when an attribute has several values and the entry's DN does not contain
   *     exactly one of them
   */
  static Optional<String> in(Entry entry, List<NameAttribute> nameAttributes) throws Ambiguous {
    for (NameAttribute candidate : nameAttributes) {
      List<String> names = candidate.namesIn(entry);
      if (names.size() > 1) {
        names = candidate.thoseOfTheDn(entry, names);
        if (names.size() != 1) {
          throw new Ambiguous(candidate.attribute);
        }
      }
      if (names.size() == 1) {
        return Optional.of(names.getFirst());
      }
    }
    return Optional.empty();
  }

  private List<String> namesIn(Entry entry) {
    String[] values = entry.getAttributeValues(attribute);
    List<String> names = new ArrayList<>();
    for (String value : values == null ? new String[0] : values) {
      int end = value.length() - after.length();
      if (end > before.length()
          && value.regionMatches(true, 0, before, 0, before.length())
          && value.regionMatches(true, end, after, 0, after.length())) {
        names.add(value.substring(before.length(), end).strip());
      }
    }
    return names;
  }

  private List<String> thoseOfTheDn(Entry entry, List<String> names) {
    RDN rdn;
    try {
      rdn = entry.getRDN();
    } catch (LDAPException e) {
      return names;
    }
    Set<String> own = new LinkedHashSet<>();
    for (int i = 0; rdn != null && i < rdn.getAttributeNames().length; i++) {
      if (rdn.getAttributeNames()[i].equalsIgnoreCase(attribute)) {
        own.add(folded(rdn.getAttributeValues()[i]));
      }
    }
    return names.stream().filter(name -> own.contains(folded(before + name + after))).toList();
  }

  /**
   * Normalises a name as directories compare it: case folded, inner spaces reduced to one, outer
   * spaces and invisible characters removed (RFC 4518 §2, for caseIgnoreMatch).
   */
  static String folded(String name) {
    StringBuilder visible = new StringBuilder();
    name.codePoints().filter(NameAttribute::isVisible).forEach(visible::appendCodePoint);
    // Through upper case, so that ß and ss are the same.
    String folded =
        Normalizer.normalize(visible, Normalizer.Form.NFKC)
            .toUpperCase(Locale.ROOT)
            .toLowerCase(Locale.ROOT);
    return Normalizer.normalize(folded, Normalizer.Form.NFKC)
        .replaceAll("[\\p{Z}\\s]+", " ")
        .strip();
  }

  private static boolean isVisible(int character) {
    int type = Character.getType(character);
    boolean selects =
        character == 0x034F
            || (character >= 0x180B && character <= 0x180D)
            || (character >= 0xFE00 && character <= 0xFE0F)
            || character == 0xFFFC;
    return type != Character.FORMAT && type != Character.CONTROL && !selects;
  }

  /** A search for these attributes of at most {@code limit} entries, without referrals. */
  static SearchRequest search(
      String base, SearchScope scope, Filter filter, List<NameAttribute> attributes, int limit) {
    SearchRequest request =
        new SearchRequest(
            base,
            scope,
            filter,
            attributes.stream().map(NameAttribute::attribute).toArray(String[]::new));
    request.setSizeLimit(limit);
    request.setFollowReferrals(false);
    return request;
  }

  /** An entry has several names. */
  static final class Ambiguous extends Exception {
    private static final long serialVersionUID = 1;

    Ambiguous(String attribute) {
      super("has several values of " + attribute + " in LDAP, and its DN does not say which");
    }
  }
}
