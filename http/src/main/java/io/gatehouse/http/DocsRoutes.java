package io.gatehouse.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/**
 * {@code GET /gateway/v2/docs}: the OpenAPI document of the admin API, and at {@code /} a page to
 * read and try it, which needs nothing from other servers. Nothing is loaded before it is asked
 * for, and nothing stays in memory.
 */
public final class DocsRoutes implements RouteGroup {
  static final String DOCUMENT = ControlApi.BASE + "/docs";

  /** Only this server's files; styles in elements, which the library makes itself. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
          + " data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors"
          + " 'none'";

  private static final HeaderName CSP = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName NO_SNIFFING = HeaderNames.create("X-Content-Type-Options");

  private static final String LIBRARY_FACTS =
      "/META-INF/maven/org.webjars/swagger-ui/pom.properties";

  /** Media types of the library's files. */
  private static final Map<String, String> FILES =
      Map.of(
          "swagger-ui.css", "text/css; charset=utf-8",
          "swagger-ui-bundle.js", "text/javascript; charset=utf-8");

  @Override
  public void register(Routes routes) {
    routes.get(DOCUMENT, (req, res) -> own(req, res, "openapi.yaml", "application/yaml"));
    routes.get("/", (req, res) -> own(req, res, "page.html", "text/html; charset=utf-8"));
    routes.get(
        "/ui/page.js", (req, res) -> own(req, res, "page.js", "text/javascript; charset=utf-8"));
    FILES.forEach((file, type) ->
        routes.get("/ui/" + file, (req, res) -> send(req, res, library() + file, type)));
  }

  /** The OpenAPI document, as YAML. */
  public static byte[] document() {
    try (var in = open("/io/gatehouse/http/openapi.yaml")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void own(ServerRequest req, ServerResponse res, String file, String type)
      throws IOException {
    send(req, res, "/io/gatehouse/http/" + file, type);
  }

  private static String library() throws IOException {
    var facts = new Properties();
    try (var in = open(LIBRARY_FACTS)) {
      facts.load(in);
    }
    return "/META-INF/resources/webjars/swagger-ui/%s/".formatted(facts.getProperty("version"));
  }

  private static void send(ServerRequest req, ServerResponse res, String resource, String type)
      throws IOException {
    byte[] bytes;
    try (var in = open(resource)) {
      bytes = in.readAllBytes();
    }
    res.header(CSP, CONTENT_SECURITY_POLICY);
    res.header(NO_SNIFFING, "nosniff");
    Responses.send(req, res, Status.OK_200, type, bytes);
  }

  private static InputStream open(String resource) throws IOException {
    var in = DocsRoutes.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("the program lacks " + resource);
    }
    return in;
  }
}
