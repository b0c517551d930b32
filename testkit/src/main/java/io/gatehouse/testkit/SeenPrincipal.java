package io.gatehouse.testkit;

import io.gatehouse.testkit.broker.RecordingPrincipalBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An authentication, as a broker has recorded it.
 *
 * @param listener the name of the listener
 * @param protocol {@code SSL}, {@code SASL_PLAINTEXT} or {@code SASL_SSL}
 * @param mechanism the SASL mechanism, or {@code -} for none
 * @param principal the principal of the client, such as {@code User:alice}
 * @param address the client's IP address
 */
public record SeenPrincipal(
    String listener, String protocol, String mechanism, String principal, String address) {

  /**
   * Reads the entries that a broker has recorded, in order; see {@link RecordingPrincipalBuilder}.
   */
  static List<SeenPrincipal> read(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<SeenPrincipal> seen = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] fields = line.split("\t", -1);
        if (fields.length == 5) { // the last line may be incomplete
          seen.add(new SeenPrincipal(fields[0], fields[1], fields[2], fields[3], fields[4]));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return seen;
  }
}
