package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running gateway with the configuration of a page, and the page's commands and properties as
 * they stand there: only hosts, ports, folders and secrets are put in.
 */
final class DocumentedGateway implements AutoCloseable {

  private static final Map<String, String> SECRETS =
      Map.of(
          "TOKEN_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
          "ADMIN_PASSWORD", "an admin's",
          "AUDITOR_PASSWORD", "an auditor's");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");
  private static final String TOKEN = "{\"token\":\"";

  private final DocumentedPage page;
  private final ProgramProcess program;
  private final Ports ports;
  private final String bootstrap;
  private final String http;
  private final HttpClient client = HttpClient.newHttpClient();

  private DocumentedGateway(DocumentedPage page, ProgramProcess program, Ports ports) {
    this.page = page;
    this.program = program;
    this.ports = ports;
    this.bootstrap = "127.0.0.1:" + program.await("clients bootstrap at [\\w.]+:(\\d+)");
    this.http = program.await("Health and metrics at (http://\\S+)");
  }

  /**
   * Starts the gateway of a page.
   *
   * @param folder for its files
   * @param brokers bootstrap servers of at most two brokers
   * @param change what to add to the page's configuration
   */
  static DocumentedGateway start(
      DocumentedPage page, Path folder, String brokers, UnaryOperator<String> change)
      throws IOException {
    Ports ports = Ports.contiguous(3);
    String configuration =
        change
            .apply(page.block("# gatehouse.yaml", ""))
            .replace("kafka-1.example:9092", brokers)
            .replace(
                "gateway.example",
                "127.0.0.1\n    host: 127.0.0.1\n    ports: {brokers: " + ports.get(0) + "}")
            .replace("/var/lib/gatehouse/", folder + "/");
    Path file = Files.writeString(folder.resolve("gatehouse.yaml"), configuration);
    Map<String, String> environment = new HashMap<>(SECRETS);
    environment.put("GATEHOUSE_HTTP_PORT", "0");
    ProgramProcess program = ProgramProcess.start(environment, "run", "--config", file.toString());
    try {
      return new DocumentedGateway(page, program, ports);
    } catch (AssertionError e) {
      program.close();
      ports.close();
      throw e;
    }
  }

  ProgramProcess program() {
    return program;
  }

  /** Runs a command of this program for the gateway, and returns the exit code. */
  int run(String command, PrintStream out) {
    List<String> words = words(command);
    assertThat(words.getFirst()).isEqualTo("gatehouse");
    return Main.execute(
        new ProgramContext(
            out,
            out,
            Map.of(
                "GATEHOUSE_API_URL",
                http,
                "GATEHOUSE_API_PASSWORD",
                Objects.requireNonNull(SECRETS.get("ADMIN_PASSWORD")))),
        words.subList(1, words.size()).toArray(String[]::new));
  }

  /** Host and port that clients begin with. */
  String bootstrap() {
    return bootstrap;
  }

  /** Runs a command with curl. */
  HttpResponse<String> curl(String command) {
    List<String> words = words(command);
    assertThat(words.getFirst()).isEqualTo("curl");
    HttpRequest.Builder request = HttpRequest.newBuilder();
    String method = "GET";
    String body = "";
    for (int i = 1; i < words.size(); i++) {
      switch (words.get(i)) {
        case "-X" -> method = words.get(++i);
        case "-d" -> body = words.get(++i);
        case "-H" ->
            request.header(words.get(++i).split(": ", 2)[0], words.get(i).split(": ", 2)[1]);
        case "--user" ->
            request.header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(words.get(++i).getBytes(StandardCharsets.UTF_8)));
        default -> request.uri(URI.create(words.get(i)));
      }
    }
    try {
      return client.send(
          request.method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Splits a command as a shell does. */
  private List<String> words(String command) {
    String put = command.replace("http://127.0.0.1:8888", http);
    for (Map.Entry<String, String> secret : SECRETS.entrySet()) {
      put = put.replace("$" + secret.getKey(), secret.getValue());
    }
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(put.replace("\\\n", " "));
    while (word.find()) {
      words.add(
          word.group(1) != null
              ? word.group(1)
              : word.group(2) != null ? word.group(2) : word.group(3));
    }
    return words;
  }

  /** Runs a command that must succeed and returns the body of the answer. */
  String succeed(String command) {
    HttpResponse<String> answer = curl(command);
    assertThat(answer.statusCode()).as("%s %s", command, answer.body()).isBetween(200, 204);
    return answer.body();
  }

  /** Runs a command that makes a token. */
  String token(String command) {
    String answer = succeed(command);
    assertThat(answer).startsWith(TOKEN).endsWith("\"}");
    return answer.substring(TOKEN.length(), answer.length() - 2);
  }

  /** The page's file of properties of a client with a token. */
  String propertiesFile(String token) {
    return page.block("", "bootstrap.servers=")
        .replace("gateway.example:6969", bootstrap)
        .replace("TOKEN", token);
  }

  /** What a file of properties says. */
  static Map<String, Object> properties(String file) {
    Properties read = new Properties();
    try {
      read.load(new StringReader(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Object> properties = new HashMap<>();
    read.stringPropertyNames().forEach(name -> properties.put(name, read.getProperty(name)));
    return properties;
  }

  @Override
  public void close() {
    client.close();
    program.close();
    ports.close();
  }
}
