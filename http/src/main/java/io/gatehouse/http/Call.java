package io.gatehouse.http;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.Nearest;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Precondition;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request of the admin API. */
final class Call {

  /** A tag and, if another one follows, the comma. */
  private static final Pattern ENTITY_TAG =
      Pattern.compile("(|W/)\"([!#-~]*)\"\\s*+(?:$|,\\s*+(?=[W\"]))");

  private final ServerRequest req;
  private final Map<String, String> path;
  private final Administration administration;
  private Set<String> parameters = Set.of();
  private final Turns turns;
  private byte[] body = {};

  /** An invalid parameter of the path or query. The message is the response. */
  static final class BadParameter extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadParameter(String message) {
      super(message);
    }
  }

  /** A body with an unsupported media type. */
  static final class BadMedia extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadMedia(String message) {
      super(message);
    }
  }

  /**
   * @param path the values of the path's parameters
   * @param administration within the rights of the user
   */
  Call(ControlApi.Asked asked, Map<String, String> path, Administration administration) {
    this.req = asked.request();
    this.path = path;
    this.administration = administration;
    this.turns = asked.turns();
  }

  /** The resources, within the rights of the user. */
  Administration administration() {
    return administration;
  }

  /** What limits the calls that are performed at the same time. */
  Turns turns() {
    return turns;
  }

  /** A part of the path. */
  String path(String name) {
    return sound("path parameter " + name, path.getOrDefault(name, ""));
  }

  /** A parameter of the query, or null. */
  @Nullable String query(String name) {
    return req.query().contains(name)
        ? sound("query parameter " + name, req.query().get(name))
        : null;
  }

  /** A parameter that is true or false; false where it is not given. */
  boolean flag(String name) {
    return switch (query(name)) {
      case "true" -> true;
      case "false" -> false;
      case null -> false;
      default -> throw new BadParameter("Invalid value for: query parameter " + name);
    };
  }

  private static String sound(String what, String value) {
    if (ControlCharacters.in(value)) {
      throw new BadParameter("Invalid value for: " + what);
    }
    return value;
  }

  /**
   * Refuses unknown and repeated parameters: a misspelt filter or one of two dry runs must not be
   * ignored.
   */
  void allow(Set<String> names) {
    parameters = names;
    for (var name : req.query().names()) {
      if (names.contains(name) && req.query().all(name).size() > 1) {
        throw new BadParameter(
            "Invalid value for: query parameter %s, it is given %d times"
                .formatted(name, req.query().all(name).size()));
      }
      if (!names.contains(name)) {
        throw new BadParameter(
            "Invalid value for: query parameter "
                + Value.Text.quoted(name)
                + (names.isEmpty()
                    ? ", this call has none"
                    : Nearest.hintOrAll(name, new TreeSet<>(names))));
      }
    }
  }

  /** Whether this call has a parameter of the query with this name. */
  boolean mayHave(String name) {
    return parameters.contains(name);
  }

  /** Whether it must only be performed under a condition. */
  boolean hasPrecondition() {
    return req.headers().contains(HeaderNames.IF_MATCH)
        || req.headers().contains(HeaderNames.IF_NONE_MATCH);
  }

  /** The condition of the headers If-Match and If-None-Match (RFC 9110 # 13.1). */
  Precondition precondition() {
    var match = header(HeaderNames.IF_MATCH);
    var noneMatch = header(HeaderNames.IF_NONE_MATCH);
    if (match != null && noneMatch != null) {
      throw new BadParameter("Invalid value for: header If-None-Match, If-Match is given, too");
    }
    if (noneMatch != null) {
      if (!noneMatch.equals("*")) {
        throw new BadParameter("Invalid value for: header If-None-Match, changes take only *");
      }
      return new Precondition.Absent();
    }
    if (match == null) {
      return new Precondition.Whatever();
    }
    if (match.equals("*")) {
      return new Precondition.Present();
    }
    var tags = new HashSet<String>();
    var tag = ENTITY_TAG.matcher(match);
    do {
      if (!tag.lookingAt()) {
        throw new BadParameter(
            "Invalid value for: header If-Match, it must be * or a list of tags in quotes, as in"
                + " the header ETag of a response");
      }
      if (tag.group(1).isEmpty()) { // a weak tag is never equal to one of ours
        tags.add(tag.group(2));
      }
      tag.region(tag.end(), match.length());
    } while (tag.regionStart() < match.length());
    return new Precondition.Unchanged(tags);
  }

  /** All lines of a header as one, or null. */
  @Nullable String header(HeaderName name) {
    return req.headers().contains(name)
        ? String.join(", ", req.headers().get(name).allValues()).strip()
        : null;
  }

  /** Waits for the body, however slowly the client sends it. */
  void receive() {
    if (hasBody()) {
      var form = form();
      body = Body.readLarge(req, Body.MOST_BYTES);
      HttpAudit.body(req, body, form);
    }
  }

  /** The body, whole, as a document. */
  Value document() throws MalformedException {
    try (var _ = turns.take()) {
      return Document.read(body, form());
    }
  }

  /** The body, whole, as several documents. */
  List<Value> documents() throws MalformedException {
    try (var _ = turns.take()) {
      return Document.readSeveral(body, form());
    }
  }

  /** Whether anything follows the head. */
  boolean hasBody() {
    return req.content().hasEntity();
  }

  /**
   * Pages of other sites can make a browser send texts, and bytes without a type, but not JSON. So
   * requests with an Origin need a Content-Type.
   */
  private Form form() {
    var given = req.headers().value(HeaderNames.CONTENT_TYPE).orElse("");
    var type = given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return switch (type) {
      case "application/json" -> Form.JSON;
      case "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml" -> Form.YAML;
      case "" -> {
        if (req.headers().contains(HeaderNames.ORIGIN)) {
          throw new BadMedia("The header Content-Type is missing: application/json");
        }
        yield Form.JSON;
      }
      default ->
          throw new BadMedia(
              "%s is not read here: application/json or application/yaml"
                  .formatted(Value.Text.quoted(type)));
    };
  }
}
