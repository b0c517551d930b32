package io.gatehouse.control.doc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces references to variables, {@code ${env:NAME}}, and to files, {@code ${file:/path}}, in
 * values. Two dollar signs before a brace escape a reference. The last line end of a file is
 * dropped, because mounted secrets often have one.
 *
 * @param folder the base of relative paths; null if paths must be absolute
 * @param bareNames whether {@code ${NAME}} is a variable, too, as in Conduktor Gateway
 */
public record Substitution(
    Map<String, String> environment, @Nullable Path folder, boolean bareNames) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Large enough for a certificate chain, and bounded in case the path is a device. */
  private static final int MOST_BYTES = 1 << 20;

  /** For the values of a configuration file in this folder. */
  public static Substitution ofFile(Map<String, String> environment, Path folder) {
    return new Substitution(environment, folder, false);
  }

  /** For the values of resources. */
  public static Substitution ofResources(Map<String, String> environment) {
    return new Substitution(environment, null, true);
  }

  /**
   * @throws IllegalArgumentException with a message for the user, without the value
   */
  public String apply(String text) {
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
    boolean bare = bareNames && NAME.matcher(reference).matches();
    if (bare || reference.startsWith("env:")) {
      String name = bare ? reference : reference.substring("env:".length());
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
      return read(path(reference.substring("file:".length())));
    }
    throw new IllegalArgumentException(
        "'${"
            + reference
            + "}' is not "
            + (bareNames ? "${NAME}, " : "")
            + "${env:NAME} or ${file:/path} (write $${ for a plain ${)");
  }

  private Path path(String text) {
    if (folder != null) {
      return folder.resolve(text);
    }
    Path path = absolute(text);
    if (Files.exists(path) && !Files.isDirectory(path) && !Files.isRegularFile(path)) {
      // Reading a pipe or a device could take forever.
      throw new IllegalArgumentException(path + " is not a regular file");
    }
    return path;
  }

  private static Path absolute(String text) {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException _) {
      // Told below.
    }
    throw new IllegalArgumentException(
        Value.Text.quoted(text) + " is not the absolute path of a file");
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
  public static String reason(Path file, IOException e) {
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
