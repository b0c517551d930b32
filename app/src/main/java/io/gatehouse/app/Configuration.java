package io.gatehouse.app;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.conduktor.GatewayEnvironment;
import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.app.config.SettingsBinder.Advice;
import io.gatehouse.app.config.YamlSource;
import io.gatehouse.app.kafkaproxy.KafkaProxyFlags;
import io.gatehouse.app.kafkaproxy.KafkaProxyTranslation;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Merges the sources of the configuration. Their precedence is: flags, {@code GATEHOUSE_}
 * variables, other variables, the file, defaults.
 */
final class Configuration {

  private static final Advice ADVICE =
      new Advice(
          "no bootstrap server is given: set upstream.bootstrapServers in the file,"
              + " KAFKA_BOOTSTRAP_SERVERS or GATEHOUSE_UPSTREAM_BOOTSTRAP_SERVERS, for example to"
              + " kafka1:9092,kafka2:9092",
          "http.port, GATEWAY_HTTP_PORT or GATEHOUSE_HTTP_PORT");

  private Configuration() {}

  /** Reads the file, if one is given, and the variables. */
  static SettingsBinder.Result ofRun(Arguments arguments, Map<String, String> environment) {
    Problems problems = new Problems();
    refuseUndecodable(
        environment,
        name ->
            name.startsWith("KAFKA_")
                || name.startsWith("GATEWAY_")
                || name.startsWith("GATEHOUSE_"),
        problems);
    String named = arguments.last("config");
    String file = named != null ? named : environment.getOrDefault("GATEHOUSE_CONFIG", "");
    Node.Mapping below = file.isEmpty() ? Node.Mapping.EMPTY : read(file, environment, problems);
    boolean listenersBelow = below.entries().containsKey("listeners");
    Node.Mapping variables = GatewayEnvironment.translate(environment, listenersBelow, problems);
    if (variables.entries().get("listeners") instanceof Node.Sequence listeners && listenersBelow) {
      problems.notice(
          "the listeners of " + file + " are replaced by those of " + listeners.origin());
    }
    Node.Mapping tree = variables.over(below).over(GatewayEnvironment.defaults(environment));
    return SettingsBinder.bind(tree, environment, problems, ADVICE);
  }

  /** Reads kafka-proxy's flags and variables. */
  static SettingsBinder.Result ofServer(Arguments arguments, Map<String, String> environment) {
    Problems problems = new Problems();
    Set<String> ofFlags =
        KafkaProxyFlags.all().stream()
            .map(flag -> flag.name().replace('-', '_').toUpperCase(Locale.ROOT))
            .collect(Collectors.toSet());
    refuseUndecodable(
        environment, name -> ofFlags.contains(name) || name.startsWith("GATEHOUSE_"), problems);
    Node.Mapping tree = KafkaProxyTranslation.translate(arguments, environment, problems);
    return SettingsBinder.bind(tree, environment, problems, KafkaProxyTranslation.ADVICE);
  }

  /**
   * Reports variables with U+FFFD. Without a UTF-8 locale, Java replaces every non-ASCII byte of a
   * variable with it, so the value, for example a password, is lost.
   */
  private static void refuseUndecodable(
      Map<String, String> environment, Predicate<String> used, Problems problems) {
    environment.forEach((name, value) -> {
      if (used.test(name) && value.indexOf('\uFFFD') >= 0) {
        problems.add(
            new Origin.Variable(name),
            "its value has characters that cannot be decoded in this locale: set LANG=C.UTF-8 and"
                + " use UTF-8");
      }
    });
  }

  private static Node.Mapping read(
      String file, Map<String, String> environment, Problems problems) {
    try {
      return YamlSource.file(Path.of(file), environment, problems);
    } catch (InvalidPathException e) {
      problems.add(Origin.DEFAULT, "'" + file + "' is not a path");
      return Node.Mapping.EMPTY;
    }
  }
}
