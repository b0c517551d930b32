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

/** A piece of a page, in which what a reader has to put in can be put in. */
record Page(String text) {

  private static final Pattern WORD = Pattern.compile("(?:\"[^\"]*\"|[^\\s\"])+");

  /**
   * @param pairs what stands there, and what to put in its place
   * @throws IllegalArgumentException when it does not stand there
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

  /** The same command with more at its end. */
  Page and(String more) {
    return new Page(text.strip() + " " + more);
  }

  /** As a shell splits it: what follows {@code kafka-proxy}, without quotes and line ends. */
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

  /** As docker compose reads an environment, comments and quotes included. */
  Map<String, String> variables() {
    Map<String, String> all = new TreeMap<>();
    Map<?, ?> read =
        (Map<?, ?>)
            Objects.requireNonNull(new Load(LoadSettings.builder().build()).loadFromString(text));
    read.forEach((name, value) -> all.put((String) name, String.valueOf(value)));
    return all;
  }

  /** As Java reads a file of properties. */
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
