package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;

/** {@code LOG4J2_APPENDER_LAYOUT}, {@code LOG4J2_ROOT_LEVEL}, {@code LOG4J2_<PACKAGE>_LEVEL}. */
public final class Log4jVariables {

  private static final String PREFIX = "LOG4J2_";
  private static final String LAYOUT = "LOG4J2_APPENDER_LAYOUT";
  private static final String ROOT = "LOG4J2_ROOT_LEVEL";
  private static final String SUFFIX = "_LEVEL";

  /** The vendor's packages with the loggers that correspond to them; empty if there is none. */
  public static final Map<String, String> PACKAGES = packages();

  private final NavigableMap<String, String> variables;
  private final Problems problems;

  Log4jVariables(NavigableMap<String, String> variables, Problems problems) {
    this.variables = variables.subMap(PREFIX, true, PREFIX + Character.MAX_VALUE, false);
    this.problems = problems;
  }

  private static Map<String, String> packages() {
    Map<String, String> packages = new LinkedHashMap<>();
    packages.put("IO_CONDUKTOR", "io.gatehouse");
    packages.put("IO_CONDUKTOR_PROXY_NETWORK", "io.gatehouse.gateway.flow");
    packages.put("IO_CONDUKTOR_UPSTREAM_THREAD", "io.gatehouse.gateway.net");
    packages.put("IO_CONDUKTOR_PROXY_REBUILDER_COMPONENTS", "io.gatehouse.gateway.plan");
    packages.put("IO_CONDUKTOR_PROXY_SERVICE", "io.gatehouse.gateway.cluster");
    packages.put("ORG_APACHE_KAFKA", "org.apache.kafka");
    packages.put("IO_NETTY", "io.netty");
    packages.put("IO_KCACHE", "");
    packages.put("IO_VERTX", "");
    packages.put("IO_MICROMETER", "");
    return packages;
  }

  void translate(TreeBuilder tree) {
    variables.forEach((name, value) -> one(tree, name, value.toLowerCase(Locale.ROOT)));
  }

  private void one(TreeBuilder tree, String name, String value) {
    Origin origin = new Origin.Variable(name);
    if (name.equals(LAYOUT)) {
      switch (value) {
        case "pattern" -> tree.set("text", origin, "log", "format");
        case "json" -> tree.set("json", origin, "log", "format");
        default -> problems.add(origin, "'" + value + "' is not one of pattern, json");
      }
    } else if (name.equals(ROOT)) {
      tree.set(level(value), origin, "log", "level");
    } else if (name.endsWith(SUFFIX) && name.length() > PREFIX.length() + SUFFIX.length()) {
      String upper = name.substring(PREFIX.length(), name.length() - SUFFIX.length());
      String logger =
          PACKAGES.getOrDefault(upper, upper.toLowerCase(Locale.ROOT).replace('_', '.'));
      if (logger.isEmpty()) {
        problems.notice(name + " has no effect: the gateway does not use that library");
      } else {
        tree.set(level(value), origin, "log", "levels", logger);
      }
    } else {
      problems.notice(
          name + " has no effect: only the layout and levels can be set with LOG4J2_ variables");
    }
  }

  private static String level(String level) {
    return switch (level) {
      case "all" -> "trace";
      case "fatal" -> "error";
      default -> level;
    };
  }
}
