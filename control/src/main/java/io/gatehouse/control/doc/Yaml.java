package io.gatehouse.control.doc;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Parses YAML 1.2 event by event, so that refused documents are never built in memory. */
final class Yaml {

  /** The core schema (YAML 1.2.2, 10.3.2), without octal and hexadecimal numbers. */
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

  private final Iterator<Event> events;
  private final int most;
  private int values;

  private Yaml(Iterator<Event> events, int most) {
    this.events = events;
    this.most = most;
  }

  /**
   * The documents of a text without the empty ones.
   *
   * @param most values, those in others counted
   */
  static List<Value> read(String text, int most) throws MalformedException {
    LoadSettings settings =
        LoadSettings.builder().setUseMarks(true).setCodePointLimit(Document.MAX_CHARACTERS).build();
    try {
      return new Yaml(new Parse(settings).parseString(text).iterator(), most).documents();
    } catch (MarkedYamlEngineException e) {
      String problem = e.getProblem();
      throw new MalformedException(
          line(e.getProblemMark()), problem == null ? "this is not YAML" : problem);
    } catch (ReaderException e) {
      long breaks = text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      throw new MalformedException((int) breaks + 1, "a character that YAML does not allow");
    } catch (YamlEngineException e) {
      throw new MalformedException("this is not YAML: " + e.getMessage());
    }
  }

  private List<Value> documents() throws MalformedException {
    List<Value> documents = new ArrayList<>();
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof NodeEvent node) {
        Value value = value(node, 1);
        if (!(value instanceof Value.Nothing)) {
          documents.add(value);
        }
      }
    }
    return documents;
  }

  private Value value(Event event, int depth) throws MalformedException {
    int line = line(event.getStartMark());
    if (++values > most) {
      throw new MalformedException(line, Document.tooMany(most));
    }
    if (depth > Document.DEEPEST) {
      throw new MalformedException(
          line, "it is nested more than " + Document.DEEPEST + " levels deep");
    }
    if (event instanceof AliasEvent
        || (event instanceof NodeEvent n && n.getAnchor().isPresent())) {
      throw new MalformedException(line, "anchors (&) and aliases (*) are not taken here");
    }
    return switch (event) {
      case ScalarEvent scalar -> scalar(scalar, line);
      case SequenceStartEvent start -> {
        refuseTag(start.getTag(), line);
        List<Value> items = new ArrayList<>();
        for (Event next = events.next();
            !(next instanceof SequenceEndEvent);
            next = events.next()) {
          items.add(value(next, depth + 1));
        }
        yield new Value.Items(items, line);
      }
      case MappingStartEvent start -> {
        refuseTag(start.getTag(), line);
        yield fields(line, depth);
      }
      default -> throw new MalformedException(line, "this is not YAML");
    };
  }

  private Value fields(int line, int depth) throws MalformedException {
    SequencedMap<String, Value> fields = new LinkedHashMap<>();
    for (Event next = events.next(); !(next instanceof MappingEndEvent); next = events.next()) {
      int at = line(next.getStartMark());
      if (!(value(next, depth + 1) instanceof Value.Text name)) {
        throw new MalformedException(at, "a key must be a text");
      }
      Value value = value(events.next(), depth + 1);
      if (fields.putIfAbsent(name.text(), value) != null) {
        throw new MalformedException(at, "the key " + name.shown() + " is given twice");
      }
    }
    return new Value.Fields(fields, line);
  }

  private static Value scalar(ScalarEvent scalar, int line) throws MalformedException {
    refuseTag(scalar.getTag(), line);
    String text = scalar.getValue();
    if (!scalar.isPlain()) {
      return new Value.Text(text, line);
    }
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> new Value.Nothing(line);
      case "true", "True", "TRUE" -> new Value.Flag(true, line);
      case "false", "False", "FALSE" -> new Value.Flag(false, line);
      default -> NUMBER.matcher(text).matches() ? numeral(text, line) : new Value.Text(text, line);
    };
  }

  /** What YAML takes must be readable as JSON: resources are stored as that. */
  private static Value numeral(String text, int line) throws MalformedException {
    if (Digits.of(text).toString().length() > Document.LONGEST_NUMBER) {
      throw new MalformedException(
          line, "a number has more than " + Document.LONGEST_NUMBER + " characters");
    }
    return new Value.Numeral(text, line);
  }

  private static void refuseTag(Optional<String> tag, int line) throws MalformedException {
    if (tag.isPresent()) {
      throw new MalformedException(line, "tags (!) are not taken here");
    }
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(Mark::getLine).orElse(0) + 1;
  }
}
