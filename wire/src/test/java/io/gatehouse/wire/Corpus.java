package io.gatehouse.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The inputs that a fuzzer kept as interesting, in the directory where the fuzzer looks for them.
 */
public final class Corpus {

  private Corpus() {}

  /** The inputs of a fuzz test, from the resources {@code <class>Inputs/<method>}. */
  public static Stream<byte[]> of(Class<?> fuzz, String method) {
    URL folder = fuzz.getResource(fuzz.getSimpleName() + "Inputs/" + method);
    if (folder == null) {
      return Stream.of();
    }
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files.sorted().map(Corpus::read).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All of the above and the fuzzer's initial inputs. */
  public static List<byte[]> withSeeds(Class<?> fuzz, String method) {
    return Stream.concat(of(fuzz, method), FuzzInput.seeds()).toList();
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }
}
