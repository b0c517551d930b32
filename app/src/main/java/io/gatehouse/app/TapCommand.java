package io.gatehouse.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command {@code tap}: prints requests and responses of a running gateway from its HTTP server.
 */
final class TapCommand {

  static final String ADMIN = "admin";
  static final String USUAL_ADMIN = "http://127.0.0.1:8888";

  private static final String USER = "CDK_GATEWAY_USER";
  private static final String PASSWORD = "CDK_GATEWAY_PASSWORD";

  /** Flags that are passed to the server unchanged. */
  private static final List<String> PARAMETERS =
      List.of(
          GatewayTaps.LISTENER,
          GatewayTaps.CLIENT,
          GatewayTaps.API,
          GatewayTaps.BODIES,
          GatewayTaps.RATE,
          GatewayTaps.COUNT,
          GatewayTaps.FOR);

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Pattern DETAIL = Pattern.compile("\"detail\":\"((?:[^\"\\\\]|\\\\.)*+)\"");

  private final ProgramContext program;

  TapCommand(ProgramContext program) {
    this.program = program;
  }

  /** Returns the exit code after the tap has ended. */
  int run(Arguments arguments) {
    String admin = Objects.requireNonNullElse(arguments.last(ADMIN), USUAL_ADMIN);
    URI address;
    try {
      address = address(admin, arguments);
    } catch (IllegalArgumentException e) {
      program
          .err()
          .println("Error: --admin is '" + admin + "', but must be a URL such as " + USUAL_ADMIN);
      return ExitCode.USAGE;
    }
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build()) {
      HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(PATIENCE);
      addUser(request);
      HttpResponse<InputStream> response =
          client.send(request.build(), BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        return response.statusCode() == 200 ? print(body) : refused(admin, response, body);
      } finally {
        client.shutdownNow();
      }
    } catch (IOException e) {
      program
          .err()
          .println(
              "Error: no gateway answers at "
                  + admin
                  + ": "
                  + e
                  + "; set another address with --admin");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.FAILED;
  }

  /** The user comes from variables, because others can see a program's arguments. */
  private void addUser(HttpRequest.Builder request) {
    String name = program.environment().get(USER);
    String password = program.environment().get(PASSWORD);
    if (name != null && password != null) {
      byte[] both = (name + ":" + password).getBytes(UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(both));
    }
  }

  private static URI address(String admin, Arguments arguments) {
    List<String> query = new ArrayList<>();
    for (String name : PARAMETERS) {
      for (String value : arguments.all(name)) {
        query.add(name + "=" + URLEncoder.encode(value, UTF_8));
      }
    }
    String base = admin.contains("://") ? admin : "http://" + admin;
    URI uri =
        URI.create(
            base.replaceFirst("/+$", "")
                + "/tap"
                + (query.isEmpty() ? "" : "?")
                + String.join("&", query));
    if (uri.getHost() == null) {
      throw new IllegalArgumentException(admin);
    }
    return uri;
  }

  /** Prints lines until the gateway ends the tap or the output is closed. */
  private int print(InputStream body) {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, UTF_8))) {
      String line = lines.readLine();
      while (line != null && !program.out().checkError()) {
        if (!line.isEmpty()) {
          program.out().println(line);
        }
        line = lines.readLine();
      }
      return ExitCode.OK;
    } catch (IOException e) {
      program.err().println("Error: the tap was interrupted: " + e);
      return ExitCode.FAILED;
    }
  }

  private int refused(String admin, HttpResponse<InputStream> response, InputStream body)
      throws IOException {
    Matcher detail = DETAIL.matcher(new String(body.readNBytes(64 << 10), UTF_8));
    String said = detail.find() ? detail.group(1).replaceAll("\\\\(.)", "$1") : null;
    String hint = response.statusCode() == 401 ? " Set " + USER + " and " + PASSWORD + "." : "";
    program
        .err()
        .println(
            "Error: " + (said == null ? admin + " answers " + response.statusCode() : said) + hint);
    return response.statusCode() == 400 ? ExitCode.USAGE : ExitCode.FAILED;
  }
}
