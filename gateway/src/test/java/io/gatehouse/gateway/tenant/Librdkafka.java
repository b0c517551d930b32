package io.gatehouse.gateway.tenant;

import io.gatehouse.gateway.fixture.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    return Programs.run(folder, party.user(), command, input);
  }
}
