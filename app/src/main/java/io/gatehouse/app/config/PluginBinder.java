package io.gatehouse.app.config;

import io.gatehouse.auth.ChildEnvironment;
import io.gatehouse.authplugins.PluginSettings;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.slf4j.event.Level;

/**
 * Reads a {@code plugin} section: an external program that verifies credentials or provides tokens.
 */
final class PluginBinder {

  private PluginBinder() {}

  static PluginSettings read(Section section) {
    String program = section.text("program", "");
    List<String> parameters = section.secretList("parameters");
    ChildEnvironment environment = environment(section);
    Level level =
        section.value(
            "logLevel",
            Level.TRACE,
            PluginSettings::level,
            one -> one.name().toLowerCase(Locale.ROOT));
    Duration timeout = section.duration("timeout", Duration.ofSeconds(10), false);
    if (program.isBlank()) {
      section.problem("", "the key program is missing: the path of the plugin");
    }
    PluginSettings settings =
        section.make(
            () ->
                PluginSettings.of(program, parameters)
                    .with(environment)
                    .loggedFrom(level)
                    .within(timeout),
            () -> PluginSettings.of("none", List.of()));
    if (section.isFine()) {
      section.onCheck(
          () -> settings.problem().ifPresent(problem -> section.problem("program", problem)));
    }
    return settings;
  }

  /** The environment variables of the gateway that a program receives. */
  static ChildEnvironment environment(Section section) {
    return section
        .list(
            "environment",
            "a fixed list of variables",
            name -> {
              ChildEnvironment.DEFAULT.with(name);
              return name;
            },
            Function.identity())
        .stream()
        .reduce(ChildEnvironment.DEFAULT, ChildEnvironment::with, (_, all) -> all);
  }
}
