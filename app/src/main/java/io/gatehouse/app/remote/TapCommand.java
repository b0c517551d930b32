package io.gatehouse.app.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The command {@code tap}: prints requests and responses of a running gateway. */
public final class TapCommand {

  public static final String FLAGS =
      """
      yes | listener | string   |        | only clients of this listener
      yes | client   | string   |        | only clients with this IP address, address:port or client id
      yes | api      | strings  |        | only these APIs, by name or key, such as Metadata,1
      yes | bodies   | bool     | false  | also shows bodies of up to 64 KiB, without secrets, record keys and record values
      yes | rate     | string   | 1000/s | maximum number of frames a second; frames above it are counted
      yes | count    | int      |        | ends after this number of frames
      yes | for      | duration |        | ends after this time, such as 30s
      """
          + Connection.FLAGS;

  private static final String API = "api";

  /** Flags that are passed to the server unchanged. */
  private static final List<String> PARAMETERS =
      List.of("listener", "client", API, "bodies", "rate", "count", "for");

  private TapCommand() {}

  /** Returns the exit code after the tap has ended. */
  public static int run(ProgramContext program, Arguments arguments) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String name : PARAMETERS) {
      String given =
          name.equals(API) ? String.join(",", arguments.all(name)) : arguments.last(name);
      if (given != null && !given.isEmpty()) {
        query.put(name, given);
      }
    }
    return ResourceCommands.run(
        program,
        arguments,
        _ -> {
          try (AdminApi api = new AdminApi(Connection.withoutPrompt(arguments, program));
              InputStream frames = api.stream("/tap", query)) {
            print(frames, program);
            return 0;
          } catch (IOException e) {
            throw new Failure("the tap was interrupted: " + e);
          }
        });
  }

  /** Prints lines until the gateway ends the tap or the output is closed. */
  private static void print(InputStream frames, ProgramContext program) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(frames, UTF_8));
    String line = lines.readLine();
    while (line != null && !program.out().checkError()) {
      if (!line.isEmpty()) {
        program.out().println(line);
      }
      line = lines.readLine();
    }
  }
}
