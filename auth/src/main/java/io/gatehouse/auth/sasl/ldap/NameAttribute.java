package io.gatehouse.auth.sasl.ldap;

import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where an entry says what its user is called. Directories take a name in many spellings (small and
 * large letters, spaces), and a principal must have one: the value as the directory stores it,
 * whatever the client wrote.
 *
 * @param before what stands before the name in the attribute's value
 * @param after what stands behind it, for instance {@code @corp.example}
 */
record NameAttribute(String attribute, String before, String after) {

  /** Stands for the name where filters are looked into; no filter has it by chance. */
  private static final String MARK = "x0gatehouse0user0x";

  static NameAttribute of(String attribute) {
    return new NameAttribute(attribute, "", "");
  }

  /** What a filter compares the name with, in its order; substrings do not tell a name. */
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
   * The name that the entry gives its user, by the first of the attributes that it has; never by
   * what the client wrote. Empty if the entry shows none of them.
   *
   * @throws Ambiguous when it has several and its own DN does not say which one counts
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
   * A name as directories compare it: without case, with single inner spaces and no outer ones, and
   * without characters that nobody sees (RFC 4518 §2, for caseIgnoreMatch).
   */
  static String folded(String name) {
    StringBuilder visible = new StringBuilder();
    name.codePoints().filter(NameAttribute::isVisible).forEach(visible::appendCodePoint);
    // By way of capitals, so that ß and ss become one.
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

  /** An entry with several names. */
  static final class Ambiguous extends Exception {
    private static final long serialVersionUID = 1;

    Ambiguous(String attribute) {
      super("has several values of " + attribute + " in LDAP, and its DN does not say which");
    }
  }
}
