package io.gatehouse.testkit;

import io.gatehouse.testkit.broker.RecordingPrincipalBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Packs {@link io.gatehouse.testkit.broker} into a jar for the brokers. */
final class BrokerJar {

  private static final String PACKAGE = "io/gatehouse/testkit/broker";

  private BrokerJar() {}

  static Path write(Path jar) {
    try {
      Path from =
          Path.of(
              RecordingPrincipalBuilder.class
                  .getProtectionDomain()
                  .getCodeSource()
                  .getLocation()
                  .toURI());
      if (Files.isDirectory(from)) {
        pack(from.resolve(PACKAGE), jar);
      } else {
        try (FileSystem zip =
            FileSystems.newFileSystem(URI.create("jar:" + from.toUri()), Map.of())) {
          pack(zip.getPath(PACKAGE), jar);
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the testkit's classes are nowhere", e);
    }
  }

  private static void pack(Path folder, Path jar) throws IOException {
    List<Path> classes;
    try (Stream<Path> files = Files.list(folder)) {
      classes = files.filter(file -> file.toString().endsWith(".class")).sorted().toList();
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path one : classes) {
        out.putNextEntry(new ZipEntry(PACKAGE + "/" + one.getFileName()));
        Files.copy(one, out);
        out.closeEntry();
      }
    }
  }
}
