package io.gatehouse.http;

import io.gatehouse.http.LoggerLevels.Entry;
import io.gatehouse.http.LoggerLevels.Level;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * {@code GET /loggers}, {@code GET /loggers/{name}}, {@code PUT /loggers/{name}} with {@code
 * {"level":"DEBUG"}}.
 */
record LoggerRoutes(LoggerLevels levels) implements RouteGroup {
  private static final Logger LOG = LoggerFactory.getLogger(LoggerRoutes.class);
  private static final List<Level> LEVELS = List.of(Level.values());
  // What a Java name can be. A logger, once named, lives as long as the process: hence the length.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_$.-]{1,200}");
  private static final String BODY =
      "The body is {\"level\":L}, L one of %s, or null to inherit".formatted(LEVELS);

  /** The document of {@code GET /loggers}. */
  record Listing(List<Level> levels, List<Entry> loggers) {}

  @Override
  public void register(Routes routes) {
    routes
        .get(
            "/loggers",
            (req, res) -> Answer.json(req, res, Status.OK_200, new Listing(LEVELS, levels.all())))
        .get(
            "/loggers/{name}",
            (req, res) -> Answer.json(req, res, Status.OK_200, levels.get(name(req))))
        .put("/loggers/{name}", this::change);
  }

  private void change(ServerRequest req, ServerResponse res, byte[] body) {
    var name = name(req);
    var level = level(body);
    if (level == null && name.equals(LoggerLevels.ROOT)) {
      throw bad(
          "The root logger has nothing to inherit its level from; give it one of %s."
              .formatted(LEVELS));
    }
    levels.set(name, level);
    LOG.info(
        "log level of {} set to {} by {}",
        name,
        level == null ? "inherit" : level,
        req.remotePeer().host());
    Answer.json(req, res, Status.OK_200, levels.get(name));
  }

  private static String name(ServerRequest req) {
    var name = req.path().pathParameters().get("name");
    if (!NAME.matcher(name).matches()) {
      throw bad("A logger's name has letters, digits and _ $ . - only, 200 at most.");
    }
    return name.equalsIgnoreCase(LoggerLevels.ROOT) ? LoggerLevels.ROOT : name;
  }

  private static @Nullable Level level(byte[] bytes) {
    if (bytes.length == 0) {
      throw bad(BODY + "; there is none.");
    }
    JsonNode body;
    try {
      body = Answer.Json.MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw bad("%s. This is no JSON: %s".formatted(BODY, e.getOriginalMessage()));
    }
    if (!body.isObject() || body.size() != 1 || !body.has("level")) {
      throw bad(BODY + ", and nothing else.");
    }
    var value = body.get("level");
    if (value.isNull()) {
      return null;
    }
    var wanted = value.isString() ? value.stringValue().toUpperCase(Locale.ROOT) : "";
    return Arrays.stream(Level.values())
        .filter(level -> level.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> bad("%s; not %s.".formatted(BODY, value)));
  }

  private static HttpException bad(String detail) {
    return new HttpException(detail, Status.BAD_REQUEST_400, true);
  }
}
