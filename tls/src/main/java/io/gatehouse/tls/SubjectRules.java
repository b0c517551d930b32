package io.gatehouse.tls;

import io.gatehouse.auth.ControlCharacters;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import javax.security.auth.x500.X500Principal;

/**
 * Rules on the subjects of client certificates (docs/kafka-proxy.md): {@code s:/CN=[a]/O=[x,y]}
 * compares the values of a field in any order, {@code r:/CN=[^a.*$]} matches the n-th value by the
 * n-th regular expression. A client is accepted when one rule matches one certificate of its path.
 */
public final class SubjectRules {

  /** The fields that rules can name. */
  enum Field {
    CN,
    C,
    S,
    L,
    O,
    OU
  }

  private record Rule(
      boolean exact, Map<Field, List<Pattern>> patterns, Map<Field, List<String>> values) {}

  public static final SubjectRules NONE = new SubjectRules(List.of(), List.of());

  private final List<String> texts;
  private final List<Rule> rules;

  private SubjectRules(List<String> texts, List<Rule> rules) {
    this.texts = List.copyOf(texts);
    this.rules = rules;
  }

  /**
   * @throws IllegalArgumentException with the position of the first error
   */
  public static SubjectRules parse(List<String> texts) {
    List<Rule> rules = new ArrayList<>();
    for (String text : texts) {
      rules.add(new Reader(text).rule());
    }
    return new SubjectRules(texts, List.copyOf(rules));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SubjectRules that && texts.equals(that.texts);
  }

  @Override
  public int hashCode() {
    return texts.hashCode();
  }

  @Override
  public String toString() {
    return texts.toString();
  }

  /** Whether there are no rules, so that every client is accepted. */
  boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Whether a rule matches one of the certificates; true without rules. */
  boolean admit(List<X509Certificate> path) {
    if (rules.isEmpty()) {
      return true;
    }
    for (X509Certificate certificate : path) {
      X500Principal subject = certificate.getSubjectX500Principal();
      for (Rule rule : rules) {
        if (fits(rule, subject)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean fits(Rule rule, X500Principal subject) {
    for (var named : rule.values().entrySet()) {
      List<String> actual = SubjectFields.values(subject, named.getKey());
      // In a regular expression, $ also matches before a trailing line break.
      if (actual.stream().anyMatch(ControlCharacters::in)) {
        return false;
      }
      if (rule.exact()) {
        if (!actual.stream()
            .sorted()
            .toList()
            .equals(named.getValue().stream().sorted().toList())) {
          return false;
        }
        continue;
      }
      List<Pattern> patterns = rule.patterns().get(named.getKey());
      if (patterns == null || actual.size() != patterns.size()) {
        return false;
      }
      for (int i = 0; i < actual.size(); i++) {
        if (!patterns.get(i).matcher(actual.get(i)).find()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Parses one rule. Brackets and braces nest; a backslash escapes the next character. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      String inner = text.strip();
      boolean quoted = inner.length() > 1 && inner.startsWith("'") && inner.endsWith("'");
      this.text = quoted ? inner.substring(1, inner.length() - 1) : inner;
    }

    Rule rule() {
      boolean exact = text.startsWith("s:");
      if (!exact && !text.startsWith("r:")) {
        throw wrong("begins with neither s: (exact) nor r: (regular expressions)");
      }
      at = 2;
      Map<Field, List<String>> values = new EnumMap<>(Field.class);
      Map<Field, List<Pattern>> patterns = new EnumMap<>(Field.class);
      while (at < text.length()) {
        expect('/');
        Field field = field();
        expect('=');
        expect('[');
        if (values.put(field, list(exact)) != null) {
          throw wrong("names " + field + " twice");
        }
        if (!exact) {
          patterns.put(field, values.get(field).stream().map(this::pattern).toList());
        }
      }
      if (values.isEmpty()) {
        throw wrong("names no field");
      }
      return new Rule(exact, patterns, values);
    }

    private Field field() {
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        throw wrong("has no '=' after position " + at);
      }
      String name = text.substring(at, equals);
      at = equals;
      try {
        return Field.valueOf(name);
      } catch (IllegalArgumentException e) {
        throw wrong("names the field '" + name + "', which is none of CN, C, S, L, O, OU");
      }
    }

    private List<String> list(boolean exact) {
      List<String> values = new ArrayList<>();
      StringBuilder value = new StringBuilder();
      int depth = 0;
      while (at < text.length()) {
        char next = text.charAt(at++);
        if (next == '\\' && at < text.length()) {
          char taken = text.charAt(at++);
          // Regular expressions keep their backslashes, except before a comma, which separates
          // values.
          if (!exact && taken != ',') {
            value.append('\\');
          }
          value.append(taken);
        } else if (next == ']' && depth == 0) {
          values.add(value.toString());
          return values;
        } else if (next == ',' && depth == 0) {
          values.add(value.toString());
          value.setLength(0);
        } else {
          depth += next == '[' || next == '{' ? 1 : next == ']' || next == '}' ? -1 : 0;
          value.append(next);
        }
      }
      throw wrong("has a '[' without its ']'");
    }

    private Pattern pattern(String regex) {
      try {
        return Pattern.compile(regex);
      } catch (PatternSyntaxException e) {
        throw wrong("has the expression '" + regex + "': " + e.getDescription());
      }
    }

    private void expect(char sign) {
      if (at >= text.length() || text.charAt(at) != sign) {
        throw wrong(String.format(Locale.ROOT, "lacks '%c' at position %d", sign, at));
      }
      at++;
    }

    private IllegalArgumentException wrong(String what) {
      return new IllegalArgumentException("the subject rule '" + text + "' " + what);
    }
  }
}
