package io.gatehouse.auth.login.aws;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The process environment from which AWS settings are read.
 *
 * @param variables of the process
 * @param properties system properties, by name
 * @param home the user's directory, for {@code ~/.aws}
 * @param clock for signatures and expiry
 */
record AwsEnvironment(
    Map<String, String> variables,
    UnaryOperator<@Nullable String> properties,
    Path home,
    InstantSource clock) {

  static AwsEnvironment ofProcess() {
    return new AwsEnvironment(
        System.getenv(),
        name -> name == null ? null : System.getProperty(name),
        Path.of(System.getProperty("user.home", "/")),
        InstantSource.system());
  }

  /** A variable; null if it is unset or blank. */
  @Nullable String variable(String name) {
    return new AwsKeys.Named(variables::get).get(name);
  }

  String variable(String name, String byDefault) {
    String value = variable(name);
    return value == null ? byDefault : value;
  }
}
