package io.gatehouse.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A page of the documentation, for tests that do what it says. */
record DocumentedPage(Path file) {

  /** A page of the folder docs. */
  static DocumentedPage of(String name) {
    return new DocumentedPage(Path.of("../docs").resolve(name));
  }

  /** The blocks that are set as code, each as its lines. */
  List<String> blocks() {
    List<String> blocks = new ArrayList<>();
    StringBuilder block = new StringBuilder();
    for (String line : (text() + "\n#").split("\n", -1)) {
      if (line.startsWith("    ")) {
        block.append(line.substring(4)).append('\n');
      } else if (!block.isEmpty()) {
        blocks.add(block.toString());
        block.setLength(0);
      }
    }
    return blocks;
  }

  /** The first block that begins like this and contains this. */
  String block(String begin, String part) {
    return blocks().stream()
        .filter(block -> block.startsWith(begin) && block.contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no block " + begin + " with " + part));
  }

  private String text() {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
