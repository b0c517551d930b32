package io.gatehouse.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The versions of the program and its main components.
 *
 * @param gateway the gateway's version; Conduktor Gateway uses the same name
 * @param commit the commit it was built from, if known
 * @param java the Java runtime
 * @param kafka the kafka-clients release that provides the message definitions
 * @param netty the Netty release
 */
public record Versions(
    String gateway, @Nullable String commit, String java, String kafka, String netty) {

  /** Reads the versions that the build recorded. */
  public static Versions ofThisBuild() {
    var build = new Properties();
    try (var in = Versions.class.getResourceAsStream("build.properties")) {
      if (in == null) {
        throw new IOException("build.properties is missing beside " + Versions.class.getName());
      }
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var commit = build.getProperty("commit", "");
    return new Versions(
        build.getProperty("gateway", "unknown"),
        commit.isBlank() ? null : commit,
        Runtime.version().toString(),
        build.getProperty("kafka", "unknown"),
        build.getProperty("netty", "unknown"));
  }
}
