package io.gatehouse.auth.login;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Small requests to services that hand out credentials: short waits, small answers, no redirects,
 * for a secret must not travel to where an answer points.
 */
public final class Http implements AutoCloseable {

  private static final int MOST_BYTES = 1 << 20;

  /** An answer of any status. */
  public record Reply(int status, String body) {

    public boolean ok() {
      return status == 200;
    }

    /** Without the body, which may be a token. */
    @Override
    public String toString() {
      return "Reply[" + status + "]";
    }
  }

  private final Client client;
  private final Duration timeout;

  /** Made when first needed: most accounts never are, and a client has a thread. */
  private static final class Client {

    private final Duration connecting;
    private @Nullable HttpClient made;
    private boolean closed;

    Client(Duration connecting) {
      this.connecting = connecting;
    }

    synchronized HttpClient get() throws IOException {
      if (closed) {
        throw new IOException("closed");
      }
      HttpClient client = made;
      if (client == null) {
        client =
            HttpClient.newBuilder()
                .connectTimeout(connecting)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        made = client;
      }
      return client;
    }

    synchronized void close() {
      closed = true;
      if (made != null) {
        made.shutdownNow();
      }
    }
  }

  /**
   * @param timeout of connecting, and of a whole request
   */
  public Http(Duration timeout) {
    this(new Client(timeout), timeout);
  }

  private Http(Client client, Duration timeout) {
    this.client = client;
    this.timeout = timeout;
  }

  /** The same client with a shorter wait. */
  public Http within(Duration shorter) {
    return new Http(client, shorter);
  }

  /**
   * Asks and waits for the answer.
   *
   * @param body null for none
   * @throws IOException when there is no answer in time or it is over 1 MiB
   */
  public Reply send(String method, URI uri, Map<String, String> headers, @Nullable String body)
      throws IOException {
    HttpRequest request = request(method, uri, headers, body);
    CompletableFuture<HttpResponse<byte[]>> answer =
        client
            .get()
            .sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    try {
      // The request's own timeout ends with the answer's head; what follows may trickle.
      HttpResponse<byte[]> response = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return new Reply(response.statusCode(), new String(response.body(), UTF_8));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String message = cause.getMessage();
      throw new IOException(message == null ? cause.toString() : message, cause);
    } catch (TimeoutException e) {
      throw new IOException("no whole answer within " + timeout.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + uri.getHost(), e);
    } finally {
      answer.cancel(true);
    }
  }

  private HttpRequest request(
      String method, URI uri, Map<String, String> headers, @Nullable String body)
      throws IOException {
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri)
              .timeout(timeout)
              .method(
                  method,
                  body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body, UTF_8));
      headers.forEach(request::setHeader);
      return request.build();
    } catch (IllegalArgumentException e) {
      // Its message shows the header, which may be a secret with a stray line feed.
      throw new IOException("the URL is no HTTP URL, or a header holds what no header can hold");
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
