package io.gatehouse.app.config;

import java.util.List;
import java.util.Map;

/** Reads YAML texts like a file. */
public final class BoundYaml {

  static final String MISSING = "no broker is named";
  static final SettingsBinder.Advice ADVICE = new SettingsBinder.Advice(MISSING, "http.port");

  private BoundYaml() {}

  static SettingsBinder.Result bind(String yaml) {
    return bind(yaml, Map.of());
  }

  static SettingsBinder.Result bind(String yaml, Map<String, String> environment) {
    Problems problems = new Problems();
    Node.Mapping tree = YamlSource.inline("test.yaml", yaml, environment, problems);
    return SettingsBinder.bind(tree, environment, problems, ADVICE);
  }

  public static AppSettings settings(String yaml) {
    return settings(yaml, Map.of());
  }

  public static AppSettings settings(String yaml, Map<String, String> environment) {
    SettingsBinder.Result result = bind(yaml, environment);
    if (result.settings() == null) {
      throw new AssertionError(result.problems().report());
    }
    return result.settings();
  }

  static List<String> problems(String yaml) {
    return bind(yaml).problems().lines();
  }

  static List<String> problems(String yaml, Map<String, String> environment) {
    return bind(yaml, environment).problems().lines();
  }
}
