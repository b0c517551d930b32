package io.gatehouse.app.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Replaces references to variables, {@code ${env:NAME}}, and to files, {@code ${file:/path}}, in
 * values. Two dollar signs before a brace escape a reference. The last line end of a file is
 * dropped, because mounted secrets often have one.
 *
 * @param folder the base of relative paths
 */
record Substitution(Map<String, String> environment, Path folder) {

  /** Large enough for a certificate chain, and bounded in case the path is a device. */
  private static final int MOST_BYTES = 1 << 20;

  /**
   * @throws IllegalArgumentException with a message for the user
   */
  String apply(String text) {
    int start = text.indexOf("${");
    if (start < 0) {
      return text;
    }
    StringBuilder result = new StringBuilder();
    int done = 0;
    while (start >= 0) {
      if (start > 0 && text.charAt(start - 1) == '$') {
        result.append(text, done, start - 1).append("${");
        done = start + 2;
      } else {
        int end = text.indexOf('}', start);
        if (end < 0) {
          throw new IllegalArgumentException("'" + text.substring(start) + "' has no closing }");
        }
        result.append(text, done, start).append(lookUp(text.substring(start + 2, end)));
        done = end + 1;
      }
      start = text.indexOf("${", done);
    }
    return result.append(text, done, text.length()).toString();
  }

  private String lookUp(String reference) {
    if (reference.startsWith("env:")) {
      String name = reference.substring("env:".length());
      String value = environment.get(name);
      if (value == null) {
        throw new IllegalArgumentException("the variable " + name + " is not set");
      }
      if (value.indexOf('\uFFFD') >= 0) {
        throw new IllegalArgumentException(
            "the variable "
                + name
                + " has characters that cannot be decoded in this locale: set LANG=C.UTF-8 and use"
                + " UTF-8");
      }
      return value;
    }
    if (reference.startsWith("file:")) {
      return read(folder.resolve(reference.substring("file:".length())));
    }
    throw new IllegalArgumentException(
        "'${" + reference + "}' is not ${env:NAME} or ${file:/path} (write $${ for a plain ${)");
  }

  private static String read(Path file) {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IllegalArgumentException(file + " is larger than 1 MiB");
      }
      String text = new String(bytes, StandardCharsets.UTF_8);
      return text.endsWith("\r\n")
          ? text.substring(0, text.length() - 2)
          : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + reason(file, e), e);
    }
  }

  /** The path of the file and the reason why it cannot be read, without Java class names. */
  static String reason(Path file, IOException e) {
    if (!Files.exists(file)) {
      return file + ": there is no such file";
    }
    if (Files.isDirectory(file)) {
      return file + ": it is a directory";
    }
    if (!Files.isReadable(file)) {
      return file + ": permission denied";
    }
    return file + ": " + e.getMessage();
  }
}
