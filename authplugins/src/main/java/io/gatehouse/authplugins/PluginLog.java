package io.gatehouse.authplugins;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.InputStream;
import java.text.ParseException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Copies a plugin's stderr to the gateway's log, line by line. It understands hclog's JSON, logrus'
 * {@code level=}, and {@code [LEVEL]} at the start of a line. Other lines are logged at INFO, so
 * that a crash is visible.
 */
final class PluginLog {

  /** The longest line in bytes; a longer one is split. */
  static final int MAX_LINE = 64 * 1024;

  /** In characters. */
  private static final int MAX_LAST = 256;

  private static final Pattern PREFIX = Pattern.compile("^\\[(TRACE|DEBUG|INFO|WARN|ERROR)]");
  private static final Pattern LOGRUS = Pattern.compile("(?:^|\\s)level=\"?([a-z]+)");

  private record Entry(Level level, String text) {}

  private final Logger log;
  private final Level least;
  private volatile String last = "";

  /**
   * @param name of the program
   */
  PluginLog(String name, Level least) {
    this.log = LoggerFactory.getLogger("io.gatehouse.plugin." + name);
    this.least = least;
  }

  /**
   * The beginning of the last line, whatever its level; empty when there is none. Crash messages
   * quote it.
   */
  String last() {
    return last;
  }

  /** Logs lines until the program closes its stderr. */
  void follow(InputStream stderr) {
    follow(new LineReader(stderr, MAX_LINE));
  }

  private void follow(LineReader lines) {
    try {
      for (String line = lines.next(); line != null; line = lines.next()) {
        line(line);
      }
    } catch (IOException e) {
      log.debug("its stderr ended: {}", e.getMessage());
    }
  }

  void line(String line) {
    if (line.isBlank()) {
      return;
    }
    Entry entry = entry(line);
    last = entry.text().substring(0, Math.min(entry.text().length(), MAX_LAST));
    if (entry.level().toInt() >= least.toInt()) {
      log.atLevel(entry.level()).log("{}", entry.text());
    }
  }

  private static Entry entry(String line) {
    if (line.startsWith("{")) {
      try {
        return json(JSONObjectUtils.parse(line));
      } catch (ParseException e) {
        // No JSON, so a line like any other.
        return new Entry(Level.INFO, clean(line));
      }
    }
    Matcher prefix = PREFIX.matcher(line);
    if (prefix.find()) {
      return new Entry(Level.valueOf(prefix.group(1)), clean(line));
    }
    Matcher logrus = LOGRUS.matcher(line);
    return new Entry(logrus.find() ? level(logrus.group(1)) : Level.INFO, clean(line));
  }

  private static Entry json(Map<String, Object> members) {
    StringBuilder text = new StringBuilder(String.valueOf(members.getOrDefault("@message", "")));
    new TreeMap<>(members)
        .forEach((name, value) -> {
          if (!name.startsWith("@")) {
            text.append(' ').append(name).append('=').append(value);
          }
        });
    return new Entry(
        level(String.valueOf(members.getOrDefault("@level", "info"))), clean(text.toString()));
  }

  private static Level level(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "trace" -> Level.TRACE;
      case "debug" -> Level.DEBUG;
      case "warn", "warning" -> Level.WARN;
      case "error", "fatal", "panic" -> Level.ERROR;
      default -> Level.INFO;
    };
  }

  /** Puts a text on one line and removes control characters. */
  private static String clean(String text) {
    return text.strip().replaceAll("\\p{Cntrl}", " ");
  }
}
