package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules for source files. */
class SourcesTest {

  private static final int LONGEST = 500;

  @Test
  void noClassIsLongerThanFiveHundredLines() throws Exception {
    List<Path> sources;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    assertThat(sources)
        .isNotEmpty()
        .allSatisfy(source -> assertThat(lines(source)).isLessThanOrEqualTo(LONGEST));
  }

  private static int lines(Path source) {
    try {
      return Files.readAllLines(source).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
