package io.gatehouse.testkit.oidc;

import io.gatehouse.testkit.JavaServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Keycloak's build step, which takes 20 s. The server for a set of options is built once and kept
 * next to the unpacked distribution.
 */
final class KeycloakBuild {

  private static final String MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";
  private static final String RUN_JAR = "quarkus-run.jar";
  private static final String DONE = "Server configuration updated and persisted";
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** The options that cannot be changed after the build. */
  private static final List<String> OPTIONS = List.of("--db=dev-mem", "--health-enabled=true");

  // As in the start script of the distribution.
  private static final List<String> JVM =
      List.of(
          "-Xmx640m",
          "-Duser.language=en",
          "-Duser.country=US",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
          "--add-opens=java.base/java.security=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
              + "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
          "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
          "-Dpicocli.disable.closures=true");

  private KeycloakBuild() {}

  /** The folder for {@code lib} in a Keycloak home. */
  static synchronized Path lib() {
    Path distribution = JavaServer.unpacked("keycloak", "keycloak-");
    Path built =
        distribution.resolveSibling(
            "built-" + Integer.toHexString(Objects.hash(distribution.toString(), OPTIONS)));
    try {
      if (!Files.isDirectory(built)) {
        build(distribution.resolve("lib"), built);
      }
      return built.resolve("lib");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot build Keycloak in " + built, e);
    }
  }

  /** Builds in a copy, so that a failure does not change the unpacked distribution. */
  private static void build(Path original, Path built) throws IOException {
    Path draft = Files.createTempDirectory(built.getParent(), "draft-");
    Path lib = Files.createDirectories(draft.resolve("lib"));
    Files.createDirectories(draft.resolve("conf"));
    Files.createDirectories(draft.resolve("providers"));
    for (String shared : List.of("lib", "app")) {
      Files.createSymbolicLink(lib.resolve(shared), original.resolve(shared));
    }
    // Copies these instead of linking them: Keycloak derives its home from the jar and writes to
    // the folder.
    Files.copy(original.resolve(RUN_JAR), lib.resolve(RUN_JAR));
    copy(original.resolve("quarkus"), lib.resolve("quarkus"));
    try (JavaServer server = JavaServer.prepare("keycloak-build")) {
      List<String> arguments = new ArrayList<>(List.of("build"));
      arguments.addAll(OPTIONS);
      server.launch(launch(draft, arguments));
      server.awaitEnd(LIMIT);
      if (server.log().stream().noneMatch(line -> line.contains(DONE))) {
        throw new IllegalStateException("Keycloak does not build\n" + server.logExtract());
      }
    }
    try {
      Files.move(draft, built, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      delete(draft);
      if (!Files.isDirectory(built)) { // not built by another process in the meantime
        throw e;
      }
    }
  }

  /** The command line for this home. */
  static JavaServer.Launch launch(Path home, List<String> arguments) {
    List<String> jvm = new ArrayList<>(JVM);
    jvm.add("-Dkc.home.dir=" + home);
    jvm.add("-Djboss.server.config.dir=" + home.resolve("conf"));
    return new JavaServer.Launch(
        List.of(home.resolve("lib").resolve(RUN_JAR)), MAIN, jvm, arguments);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) { // does not follow links
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
