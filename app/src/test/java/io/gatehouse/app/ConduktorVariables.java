package io.gatehouse.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.http.HttpSettings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Binds Conduktor Gateway's variables for tests. */
final class ConduktorVariables {

  private ConduktorVariables() {}

  static SettingsBinder.Result bind(String... pairs) {
    return bind(environment(pairs));
  }

  static SettingsBinder.Result bind(Map<String, String> environment) {
    Arguments none = Arguments.parse(List.of(), Command.RUN.flags());
    return Configuration.ofRun(none, environment);
  }

  static Map<String, String> environment(String... pairs) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "k1:9092");
    for (String pair : pairs) {
      environment.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
    return environment;
  }

  static AppSettings settings(String... pairs) {
    SettingsBinder.Result result = bind(pairs);
    assertThat(result.problems().lines()).isEmpty();
    return requireNonNull(result.settings());
  }

  static HttpSettings http(String... pairs) {
    return requireNonNull(settings(pairs).http());
  }

  static ListenerSettings listener(String... pairs) {
    List<ListenerSettings> listeners = settings(pairs).gateway().listeners();
    assertThat(listeners).hasSize(1);
    return listeners.getFirst();
  }

  static List<String> problems(String... pairs) {
    return bind(pairs).problems().lines();
  }
}
