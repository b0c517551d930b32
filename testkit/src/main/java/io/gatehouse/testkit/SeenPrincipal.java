package io.gatehouse.testkit;

import io.gatehouse.testkit.broker.RecordingPrincipalBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One authentication as a broker saw it.
 *
 * @param listener its name
 * @param protocol {@code SSL}, {@code SASL_PLAINTEXT} or {@code SASL_SSL}
 * @param mechanism the SASL mechanism; {@code -} for none
 * @param principal whom the broker takes the client for, as in {@code User:alice}
 * @param address the client's IP address
 */
public record SeenPrincipal(
    String listener, String protocol, String mechanism, String principal, String address) {

  /** All that a broker has written down, in its order; see {@link RecordingPrincipalBuilder}. */
  static List<SeenPrincipal> read(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<SeenPrincipal> seen = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] fields = line.split("\t", -1);
        if (fields.length == 5) { // the last line may be half written
          seen.add(new SeenPrincipal(fields[0], fields[1], fields[2], fields[3], fields[4]));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return seen;
  }
}
