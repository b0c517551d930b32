package io.gatehouse.http;

import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.JsonText;
import io.gatehouse.control.doc.MalformedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Bodies for the audit log, as JSON, and old versions of resources, without what may be a secret:
 * values whose name says so, and passwords in URLs. References to variables and files are no
 * secrets.
 */
final class HiddenSecrets {
  private static final String HIDDEN = "***";

  /** A longer body is not shown, so that waiting events need little memory. */
  private static final int MOST_BYTES = 64 << 10;

  private static final List<String> NAMES =
      List.of(
          "password",
          "passwd",
          "passphrase",
          "secret",
          "token",
          "credential",
          "jaas",
          "apikey",
          "accesskey",
          "privatekey",
          "secretkey",
          "authorization",
          "masterkey",
          "accountkey",
          "scram");

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{[^{}]+}");

  // No pattern looks at a character more than a few times, however a text is made.

  private static final Pattern WORD = Pattern.compile("\\S++");

  /** The name of a parameter in a longer text, such as the configuration of a login. */
  private static final Pattern PARAMETER = Pattern.compile("(?<![\\w.-])([\\w.-]++)\\s*+=\\s*+");

  private static final Pattern VALUE = Pattern.compile("\"[^\"]*+\"|'[^']*+'|[^\\s;&]++");

  private HiddenSecrets() {}

  static String of(byte[] body, Document.Form form) {
    if (body.length > MOST_BYTES) {
      return "(%d bytes, too long to be shown)".formatted(body.length);
    }
    try {
      List<@Nullable Object> documents = new ArrayList<>();
      Document.readSeveral(body, form).forEach(one -> documents.add(shown("", one.plain())));
      var only = documents.size() == 1 ? documents.getFirst() : null;
      return JsonText.of(only == null ? documents : only);
    } catch (MalformedException e) {
      return "(%d bytes that cannot be read)".formatted(body.length);
    }
  }

  /** A document without its secrets. */
  static @Nullable Object of(Map<String, ? extends @Nullable Object> document) {
    return shown("", document);
  }

  private static @Nullable Object shown(String name, @Nullable Object value) {
    var secret = isSecret(name);
    return switch (value) {
      case String text when REFERENCE.matcher(text).matches() -> text;
      case Object _ when secret -> HIDDEN;
      case String text -> withoutSecrets(text);
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>();
        list.forEach(item -> items.add(shown(name, item)));
        yield items;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        map.forEach(
            (key, member) -> members.put(String.valueOf(key), shown(String.valueOf(key), member)));
        yield members;
      }
      case null -> null;
      default -> value;
    };
  }

  private static String withoutSecrets(String text) {
    return withoutParameters(
        WORD.matcher(text)
            .replaceAll(word -> Matcher.quoteReplacement(withoutLogin(word.group()))));
  }

  /** Hides the user info of a URL. A password may contain any character but white space. */
  private static String withoutLogin(String word) {
    var at = word.lastIndexOf('@');
    for (int i = word.indexOf("://"); i >= 0 && i < at; i = word.indexOf("://", i + 3)) {
      var colon = word.indexOf(':', i + 3);
      var slash = word.indexOf('/', i + 3);
      if (colon >= 0 && colon < at && (slash < 0 || colon < slash)) {
        return word.substring(0, i + 3) + HIDDEN + word.substring(at);
      }
    }
    return word;
  }

  private static String withoutParameters(String text) {
    var shown = new StringBuilder();
    var end = 0;
    var names = PARAMETER.matcher(text);
    var values = VALUE.matcher(text);
    while (names.find()) {
      if (names.end() > end
          && isSecret(names.group(1))
          && values.region(names.end(), text.length()).lookingAt()) {
        shown.append(text, end, names.end()).append(HIDDEN);
        end = values.end();
      }
    }
    return shown.append(text, end, text.length()).toString();
  }

  private static boolean isSecret(String name) {
    var plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    return NAMES.stream().anyMatch(plain::contains);
  }
}
