package io.gatehouse.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/errors.md lists every error with the texts of the code; copy the table from
 * target/errors.md.
 */
class ErrorsPageTest {

  @Test
  void docsListEveryError() throws IOException {
    StringBuilder table = new StringBuilder();
    table.append("| Reason | Lies with | Answered | Try again | What it is | What to do |\n");
    table.append("|---|---|---|---|---|---|\n");
    Stream.concat(Stream.of(CloseReason.values()), Stream.of(RefusalReason.values()))
        .map(GatewayError.class::cast)
        .forEach(error -> table.append(row(error)));
    Files.writeString(Path.of("target/errors.md"), table);
    Path page = Path.of(System.getProperty("gatehouse.root", ".."), "docs/errors.md");
    assertThat(Files.readString(page)).contains(table);
  }

  private static String row(GatewayError error) {
    return String.format(
        "| `%s` | %s | %s | %s | %s | %s |%n",
        lower(error.name()),
        lower(error.side().name()),
        error.code() == ErrorCode.NONE ? "the connection ends" : "`" + error.code() + "`",
        error.mayRetry() ? "yes" : "no",
        error.text(),
        error.advice());
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
