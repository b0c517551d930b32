package io.gatehouse.control.doc;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** Reads JSON. Loaded when the first document is read: Jackson costs some of a CPU second. */
final class Json {

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Document.DEEPEST)
                  .maxNumberLength(Document.LONGEST_NUMBER)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final JsonParser parser;
  private final int most;
  private int values;

  private Json(JsonParser parser, int most) {
    this.parser = parser;
    this.most = most;
  }

  /**
   * @param most values, those in others counted
   */
  static Value read(String text, int most) throws MalformedException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      Json json = new Json(parser, most);
      if (parser.nextToken() == null) {
        throw new MalformedException("there is nothing");
      }
      Value value = json.value();
      if (parser.nextToken() != null) {
        throw new MalformedException(json.line(), "something follows the end of the document");
      }
      return value;
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String why = reason(e.getOriginalMessage());
      throw at == null || at.getLineNr() < 1
          ? new MalformedException(why)
          : new MalformedException(at.getLineNr(), why);
    }
  }

  /** The parser's message without names of its settings and classes. */
  private static String reason(String message) {
    if (message.contains("nesting depth")) {
      return "it is nested more than " + Document.DEEPEST + " levels deep";
    }
    String line = message.lines().findFirst().orElse("");
    int end = line.indexOf(" (from `");
    return end < 0 ? line : line.substring(0, end);
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  /** Recursion is bounded, because the parser limits the nesting. */
  private Value value() throws MalformedException {
    int line = line();
    if (++values > most) {
      throw new MalformedException(line, Document.tooMany(most));
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        SequencedMap<String, Value> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, value());
        }
        yield new Value.Fields(fields, line);
      }
      case START_ARRAY -> {
        List<Value> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value());
        }
        yield new Value.Items(items, line);
      }
      case VALUE_STRING -> new Value.Text(parser.getString(), line);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Value.Numeral(parser.getString(), line);
      case VALUE_TRUE -> new Value.Flag(true, line);
      case VALUE_FALSE -> new Value.Flag(false, line);
      case VALUE_NULL -> new Value.Nothing(line);
      case null, default -> throw new IllegalStateException("no value: " + parser.currentToken());
    };
  }
}
