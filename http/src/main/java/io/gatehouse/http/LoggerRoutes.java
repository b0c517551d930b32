package io.gatehouse.http;

import static java.util.stream.Collectors.joining;

import io.gatehouse.http.LoggerLevels.Entry;
import io.gatehouse.http.LoggerLevels.Level;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /loggers}, {@code GET /loggers/{name}}, {@code PUT /loggers/{name}} with {@code
 * {"level":"DEBUG"}}. Only existing loggers can be changed: loggers are never removed, so arbitrary
 * names would fill the memory.
 */
record LoggerRoutes(LoggerLevels levels) implements RouteGroup {
  private static final Logger CHANGES = LoggerFactory.getLogger(LoggerLevels.CHANGES);
  private static final List<Level> LEVELS = List.of(Level.values());
  private static final int SUGGESTIONS = 3;
  // The characters of Java names.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_$.-]{1,200}");
  private static final String BODY =
      "The body must be {\"level\":L} with L one of %s, or null to inherit".formatted(LEVELS);

  /** Loaded with the first change. */
  private static final class Parser {
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Parser() {}
  }

  @Override
  public void register(Routes routes) {
    routes
        .getSecured("/loggers", this::list)
        .getSecured(
            "/loggers/{name}",
            (req, res) -> Responses.json(req, res, Status.OK_200, document(existing(name(req)))))
        .put("/loggers/{name}", this::change);
  }

  private void list(ServerRequest req, ServerResponse res) {
    var loggers = levels.all().stream().map(LoggerRoutes::document).toList();
    Responses.json(req, res, Status.OK_200, Json.object("levels", LEVELS, "loggers", loggers));
  }

  private void change(ServerRequest req, ServerResponse res, byte[] body) {
    var level = level(body);
    var before = existing(name(req));
    var name = before.name();
    if (LoggerLevels.PROTECTED.contains(name)) {
      throw new HttpException(
          "The level of %s cannot be changed while the gateway runs.".formatted(name),
          Status.FORBIDDEN_403,
          true);
    }
    if (level == null && name.equals(LoggerLevels.ROOT)) {
      throw bad("The root logger cannot inherit its level; use one of %s.".formatted(LEVELS));
    }
    CHANGES.info(
        "the log level of {} changes from {} to {}, requested by {}",
        name,
        shown(before.level()),
        shown(level),
        req.remotePeer().host());
    levels.set(name, level);
    Responses.json(req, res, Status.OK_200, document(existing(name)));
  }

  private static Object shown(@Nullable Level level) {
    return level == null ? "inherited" : level;
  }

  private static Map<String, @Nullable Object> document(Entry entry) {
    return Json.object(
        "name", entry.name(), "level", entry.level(), "effectiveLevel", entry.effectiveLevel());
  }

  private Entry existing(String name) {
    return levels.find(name).orElseThrow(() -> unknown(name));
  }

  /** Suggests loggers with a common prefix or the same simple name. */
  private HttpException unknown(String name) {
    var nearest =
        levels.all().stream()
            .map(Entry::name)
            .sorted(Comparator.comparingInt((String known) -> -likeness(name, known)))
            .limit(SUGGESTIONS)
            .collect(joining(", "));
    return new HttpException(
        ("There is no logger %s; the most similar are %s. A logger exists after the first use of"
                + " its class; before that, change its package. GET /loggers lists all.")
            .formatted(name, nearest),
        Status.NOT_FOUND_404,
        true);
  }

  private static int likeness(String wanted, String known) {
    var a = wanted.toLowerCase(Locale.ROOT);
    var b = known.toLowerCase(Locale.ROOT);
    if (b.endsWith("." + a)) {
      return Integer.MAX_VALUE;
    }
    var same = Arrays.mismatch(a.toCharArray(), b.toCharArray());
    return same < 0 ? Integer.MAX_VALUE : same;
  }

  private static String name(ServerRequest req) {
    var name = req.path().pathParameters().get("name");
    if (!NAME.matcher(name).matches()) {
      throw bad(
          "A logger name can contain only letters, digits and _ $ . -, at most 200 characters.");
    }
    return name.equalsIgnoreCase(LoggerLevels.ROOT) ? LoggerLevels.ROOT : name;
  }

  private static @Nullable Level level(byte[] bytes) {
    if (bytes.length == 0) {
      throw bad(BODY + ", but it is empty.");
    }
    JsonNode body;
    try {
      body = Parser.MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw bad("%s. It is not JSON: %s".formatted(BODY, e.getOriginalMessage()));
    }
    if (!body.isObject() || body.size() != 1 || !body.has("level")) {
      throw bad(BODY + ", without other members.");
    }
    var value = body.get("level");
    if (value.isNull()) {
      return null;
    }
    var wanted = value.isString() ? value.stringValue().toUpperCase(Locale.ROOT) : "";
    return Arrays.stream(Level.values())
        .filter(level -> level.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> bad("%s, not %s.".formatted(BODY, value)));
  }

  private static HttpException bad(String detail) {
    return new HttpException(detail, Status.BAD_REQUEST_400, true);
  }
}
