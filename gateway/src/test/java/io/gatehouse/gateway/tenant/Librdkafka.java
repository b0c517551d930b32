package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs with librdkafka. */
final class Librdkafka {

  private static final Path KCAT = Path.of("/usr/bin/kcat");

  private Librdkafka() {}

  static boolean isInstalled() {
    return Files.isExecutable(KCAT);
  }

  /**
   * What kcat prints.
   *
   * @param folder for its input and output
   */
  static String kcat(Party party, Path folder, String input, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(KCAT.toString(), "-b", party.bootstrap().toString(), "-q"));
    for (String property :
        List.of(
            "security.protocol=SASL_PLAINTEXT",
            "sasl.mechanism=PLAIN",
            "sasl.username=" + party.user(),
            "sasl.password=" + Party.PASSWORD,
            "client.id=" + party.token() + "-kcat")) {
      command.addAll(List.of("-X", property));
    }
    command.addAll(List.of(arguments));
    return run(party, folder, command, input);
  }

  /** What a program prints. */
  static String run(Party party, Path folder, List<String> command, String input) throws Exception {
    Path in = Files.writeString(folder.resolve("in-" + party.user()), input);
    Path out = folder.resolve("out-" + party.user());
    Process process =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      boolean ended = process.waitFor(50, TimeUnit.SECONDS);
      String said = Files.readString(out, StandardCharsets.UTF_8);
      assertThat(ended).as("%s: %s", command, said).isTrue();
      assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
