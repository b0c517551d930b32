package io.gatehouse.app.seeds;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A part of a page, in which placeholders can be replaced. */
record Page(String text) {

  private static final Pattern WORD = Pattern.compile("(?:\"[^\"]*\"|[^\\s\"])+");

  /**
   * @param pairs texts and their replacements
   * @throws IllegalArgumentException if the page does not contain a text
   */
  Page with(String... pairs) {
    String replaced = text;
    for (int i = 0; i < pairs.length; i += 2) {
      if (!replaced.contains(pairs[i])) {
        throw new IllegalArgumentException("'" + pairs[i] + "' does not stand in\n" + replaced);
      }
      replaced = replaced.replace(pairs[i], pairs[i + 1]);
    }
    return new Page(replaced);
  }

  /** The same command with additional arguments. */
  Page and(String more) {
    return new Page(text.strip() + " " + more);
  }

  /** The arguments after {@code kafka-proxy}, split like in a shell. */
  String[] arguments() {
    String one = text.replace("\\\n", " ");
    int program = one.indexOf("kafka-proxy ");
    String rest = program < 0 ? one : one.substring(program + "kafka-proxy ".length());
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(rest);
    while (word.find()) {
      words.add(word.group().replace("\"", ""));
    }
    return words.toArray(String[]::new);
  }

  /** Parsed like an environment of docker compose, with comments and quotes. */
  Map<String, String> variables() {
    Map<String, String> all = new TreeMap<>();
    Map<?, ?> read =
        (Map<?, ?>)
            Objects.requireNonNull(new Load(LoadSettings.builder().build()).loadFromString(text));
    read.forEach((name, value) -> all.put((String) name, String.valueOf(value)));
    return all;
  }

  /** Parsed as Java properties. */
  Map<String, Object> properties() {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Object> all = new TreeMap<>();
    properties.forEach((name, value) -> all.put((String) name, value));
    return all;
  }
}
