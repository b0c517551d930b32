package io.gatehouse.app.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.app.remote.Connection.User;
import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the admin API of a gateway, each with a deadline, and turns everything but an
 * answer to the request into a {@link Failure}.
 */
public final class AdminApi implements AutoCloseable {

  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** Maximum size of a response in bytes: ten thousands of resources. */
  private static final int MAX_BYTES = 64 << 20;

  private static final int MAX_ERROR_BYTES = 64 << 10;

  private static final int SHOWN = 2000;

  private final Connection connection;
  private final HttpClient client;

  AdminApi(Connection connection) {
    this.connection = connection;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                connection.timeout().compareTo(CONNECT) < 0 ? connection.timeout() : CONNECT);
    if (connection.tls() != null) {
      builder.sslContext(connection.tls());
    }
    this.client = builder.build();
  }

  /**
   * A response.
   *
   * @param body null if there is none, or if it is not JSON
   * @param late the nodes that have not applied a change in time, or null
   */
  record Answer(int status, @Nullable Value body, String text, @Nullable String late) {

    boolean isOk() {
      return status / 100 == 2;
    }
  }

  /** Sends a request without a body. */
  Value get(String path, Map<String, String> query) throws Failure {
    return require(send("GET", path, query, null, null));
  }

  /** Sends YAML documents and returns any answer that says something about them. */
  Answer post(String path, Map<String, String> query, String yaml) throws Failure {
    return post(path, query, yaml, null);
  }

  /**
   * The same for a resource that must not have changed meanwhile.
   *
   * @param etag of the resource, or null
   */
  Answer post(String path, Map<String, String> query, String yaml, @Nullable String etag)
      throws Failure {
    Answer answer = send("POST", path, query, yaml, etag);
    if (!answer.isOk() && !(answer.body instanceof Value.Fields)) {
      throw refused(answer);
    }
    return answer;
  }

  /** The body of a response that is no error. */
  Value require(Answer answer) throws Failure {
    if (answer.isOk() && answer.body != null) {
      return answer.body;
    }
    throw refused(answer);
  }

  private Answer send(
      String method,
      String path,
      Map<String, String> query,
      @Nullable String yaml,
      @Nullable String etag)
      throws Failure {
    BodyPublisher body =
        yaml == null ? BodyPublishers.noBody() : BodyPublishers.ofString(yaml, UTF_8);
    HttpRequest.Builder request =
        request("/gateway/v2/" + path, query)
            .header("Accept", "application/json")
            .method(method, body);
    if (yaml != null) {
      request.header("Content-Type", "application/yaml");
    }
    if (etag != null) {
      request.header("If-Match", etag);
    }
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      HttpResponse<byte[]> response =
          sent.get(connection.timeout().toMillis() + 1, TimeUnit.MILLISECONDS);
      return answer(response, response.body());
    } catch (ExecutionException e) {
      throw unreachable(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException _) {
      throw tooSlow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted");
    }
  }

  /**
   * Begins to read a response that is not limited in time and length, which the caller must close.
   *
   * @param path from the root of the server
   */
  InputStream stream(String path, Map<String, String> query) throws Failure {
    try {
      HttpResponse<InputStream> response =
          client.send(request(path, query).build(), BodyHandlers.ofInputStream());
      if (response.statusCode() == 200) {
        return response.body();
      }
      try (InputStream body = response.body()) {
        throw refused(answer(response, body.readNBytes(MAX_ERROR_BYTES)));
      }
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted");
    }
  }

  private HttpRequest.Builder request(String path, Map<String, String> query) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address(path, query)).timeout(connection.timeout());
    User user = connection.user();
    if (user != null) {
      byte[] credentials = (user.name() + ":" + user.password().reveal()).getBytes(UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    }
    return request;
  }

  private URI address(String path, Map<String, String> query) {
    String parameters =
        query.entrySet().stream()
            .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    return URI.create(connection.base() + path + (parameters.isEmpty() ? "" : "?" + parameters));
  }

  private Answer answer(HttpResponse<?> response, byte[] body) throws Failure {
    String text = new String(body, UTF_8);
    String type = response.headers().firstValue("Content-Type").orElse("");
    String late = response.headers().firstValue("Gatehouse-Late").orElse(null);
    if (body.length == 0 || !type.contains("json")) {
      return new Answer(response.statusCode(), null, text, late);
    }
    try {
      List<Value> all = Document.readAll(("[" + text + "]").getBytes(UTF_8), Form.JSON);
      return new Answer(response.statusCode(), all.getFirst(), text, late);
    } catch (MalformedException e) {
      throw new Failure(
          connection.base()
              + " answers "
              + response.statusCode()
              + " with JSON that cannot be read: "
              + e.getMessage());
    }
  }

  /** What the gateway says about a request that it refuses, and what to do. */
  private Failure refused(Answer answer) {
    String said = said(answer);
    return new Failure(
        switch (answer.status) {
          case 401 ->
              connection.user() == null
                  ? "the gateway wants a user: set GATEHOUSE_API_PASSWORD or --password-file, and"
                      + " --user"
                  : "the gateway does not accept the user "
                      + connection.user().name()
                      + " with this password";
          case 404 ->
              // Only errors of other paths tell their status in the body, too.
              answer.body == null || Output.at(answer.body, "status") != null
                  ? connection.base()
                      + " has no such call of the admin API; is it a gateway's HTTP server?"
                  : said;
          case 413 -> "the resources are too large for one change: " + said;
          case 429 -> "too many wrong passwords from this address: " + said;
          default -> said.isEmpty() ? connection.base() + " answers " + answer.status : said;
        });
  }

  /** The message of an error, else its title, else a text body. */
  static String said(Answer answer) {
    if (answer.body instanceof Value.Fields error) {
      for (String name : List.of("cause", "msg", "detail", "title")) {
        if (error.fields().get(name) instanceof Value.Text text && !text.text().isBlank()) {
          return shown(text.text());
        }
      }
    }
    return answer.body == null ? shown(answer.text.strip()) : "";
  }

  /** A foreign text without what could control the terminal. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(SHOWN)
        .forEach(c -> shown.appendCodePoint(ControlCharacters.is(c) ? '?' : c));
    return shown.toString();
  }

  private Failure tooSlow() {
    return new Failure(
        "%s did not answer within %d ms; whether a change was made is unknown (--timeout)"
            .formatted(connection.base(), connection.timeout().toMillis()));
  }

  private Failure unreachable(Throwable cause) {
    String base = connection.base().toString();
    boolean secure = connection.base().getScheme().equals("https");
    for (Throwable one = cause; one != null; one = one.getCause()) {
      if (one instanceof HttpConnectTimeoutException) {
        return new Failure("no connection to " + base + " in time; is the address right (--url)?");
      } else if (one instanceof java.net.http.HttpTimeoutException) {
        return tooSlow();
      } else if (one instanceof java.nio.channels.UnresolvedAddressException
          || one instanceof java.net.UnknownHostException) {
        return new Failure("the host of " + base + " is not known; is the address right (--url)?");
      } else if (one instanceof SSLException) {
        return new Failure(
            "no secure connection to " + base + ": " + one.getMessage() + secureHint(one));
      }
    }
    if (cause instanceof ConnectException) {
      return new Failure(
          "nothing listens at "
              + base
              + "; is the gateway running, and is this the address of its HTTP server (--url)?");
    }
    String hint = secure ? "" : "; if its HTTP server has TLS, the address begins with https://";
    return new Failure("no answer from " + base + ": " + reason(cause) + hint);
  }

  private static String secureHint(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage());
    if (message.contains("PKIX") || message.contains("unable to find valid certification path")) {
      return "; name the authority of its certificate with --cacert";
    } else if (message.contains("Unsupported or unrecognized SSL message")
        || message.contains("plaintext")) {
      return "; its HTTP server may have no TLS: try http://";
    } else if (message.contains("certificate_required") || message.contains("bad_certificate")) {
      return "; it wants a client certificate: --cert and --key";
    }
    return "";
  }

  private static String reason(Throwable thrown) {
    String message = thrown.getMessage();
    return thrown instanceof IOException && message != null ? message : thrown.toString();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
