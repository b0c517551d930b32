package io.gatehouse.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What this program is made of.
 *
 * @param gateway the gateway's own version ({@code gateway} is the contract's name:
 *     conduktor-admin-api §5)
 * @param commit the source it was built from, if the build knew
 * @param java the running Java
 * @param kafka the kafka-clients release whose message definitions are spoken
 * @param netty the network library
 */
public record Versions(
    String gateway, @Nullable String commit, String java, String kafka, String netty) {

  /** Reads what the build wrote. */
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
