package io.gatehouse.app.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A node of the untyped configuration tree. */
public sealed interface Node {

  Origin origin();

  /** The kind of node in words, for messages. */
  String kind();

  /** A key without a value, which means the default. */
  record Nothing(Origin origin) implements Node {
    @Override
    public String kind() {
      return "nothing";
    }
  }

  /** Any text, quoted or not. */
  record Scalar(String text, Origin origin) implements Node {

    /** Of a value in the wrong place, which may be a whole file. */
    private static final int SHOWN = 60;

    @Override
    public String kind() {
      return "'" + (text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...") + "'";
    }
  }

  record Sequence(List<Node> items, Origin origin) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys in the order they were written. */
  record Mapping(SequencedMap<String, Node> entries, Origin origin) implements Node {

    public static final Mapping EMPTY = new Mapping(new LinkedHashMap<>(), Origin.DEFAULT);

    public Mapping {
      entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
    }

    @Override
    public String kind() {
      return "a mapping";
    }

    /**
     * Merges this mapping with one of lower precedence. Mappings are merged key by key; lists and
     * single values are replaced as a whole.
     */
    public Mapping over(Mapping below) {
      SequencedMap<String, Node> joined = new LinkedHashMap<>(below.entries);
      for (Map.Entry<String, Node> entry : entries.entrySet()) {
        joined.merge(
            entry.getKey(),
            entry.getValue(),
            (lower, upper) ->
                lower instanceof Mapping low && upper instanceof Mapping up ? up.over(low) : upper);
      }
      return new Mapping(joined, entries.isEmpty() ? below.origin : origin);
    }
  }
}
