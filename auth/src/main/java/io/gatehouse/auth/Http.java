package io.gatehouse.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
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
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client for credentials and keys. A request, its answer included, ends by a deadline; an
 * answer is at most 1 MiB. The underlying client and its thread are made by the first request,
 * because most configured accounts are never used.
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

  private static final class Client {

    private final Supplier<HttpClient> maker;
    private @Nullable HttpClient made;
    private boolean closed;

    Client(Supplier<HttpClient> maker) {
      this.maker = maker;
    }

    synchronized HttpClient get() throws IOException {
      if (closed) {
        throw new IOException("closed");
      }
      HttpClient client = made;
      if (client == null) {
        client = maker.get();
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
   * A client that follows no redirects, because a secret must not be sent to a place that an answer
   * names.
   *
   * @param timeout of connecting, and of a whole request
   */
  public Http(Duration timeout) {
    this(new Client(() -> builder(timeout, Redirect.NEVER).build()), timeout);
  }

  /**
   * A client for public documents: it follows redirects, but not from https to http.
   *
   * @param tls null to trust the JDK's authorities
   */
  public static Http ofDocuments(Duration timeout, @Nullable SSLContext tls) {
    return new Http(
        new Client(() -> {
          HttpClient.Builder builder = builder(timeout, Redirect.NORMAL);
          return (tls == null ? builder : builder.sslContext(tls)).build();
        }),
        timeout);
  }

  private Http(Client client, Duration timeout) {
    this.client = client;
    this.timeout = timeout;
  }

  private static HttpClient.Builder builder(Duration timeout, Redirect redirects) {
    return HttpClient.newBuilder().connectTimeout(timeout).followRedirects(redirects);
  }

  /** The same client with a shorter timeout of requests. */
  public Http within(Duration shorter) {
    return new Http(client, shorter);
  }

  /**
   * Sends a request and waits for the whole answer.
   *
   * @param body null for none
   * @throws IOException when the answer is not complete in time or longer than 1 MiB
   */
  public Reply send(String method, URI uri, Map<String, String> headers, @Nullable String body)
      throws IOException {
    HttpRequest request = request(method, uri, headers, body);
    CompletableFuture<HttpResponse<byte[]>> answer =
        client
            .get()
            .sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    try {
      // The timeout of HttpRequest ends with the answer's headers; this one includes the body.
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
      // The exception's message quotes the header, which may be a secret with a stray line feed.
      throw new IOException("the URL is no HTTP URL, or a header holds what no header can hold");
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
