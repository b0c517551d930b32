package io.gatehouse.app.config;

import io.gatehouse.control.doc.Substitution;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2 (where {@code no} is a text and not a boolean) into nodes with line numbers, and
 * replaces references to variables and files.
 */
public final class YamlSource {

  /** Limits the nesting, because aliases can form cycles. */
  private static final int DEEPEST = 50;

  private final String name;
  private final Substitution substitution;
  private final Problems problems;

  private YamlSource(String name, Substitution substitution, Problems problems) {
    this.name = name;
    this.substitution = substitution;
    this.problems = problems;
  }

  /** Reads a file whose root is a mapping. Errors are added to the problems. */
  public static Node.Mapping file(Path file, Map<String, String> environment, Problems problems) {
    String text;
    try {
      text = Files.readString(file);
    } catch (MalformedInputException e) {
      problems.add(Origin.DEFAULT, "cannot read " + file + ": it is not UTF-8 text");
      return Node.Mapping.EMPTY;
    } catch (IOException e) {
      problems.add(Origin.DEFAULT, "cannot read " + Substitution.reason(file, e));
      return Node.Mapping.EMPTY;
    }
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
    return text(file.toString(), text, Substitution.ofFile(environment, folder), problems);
  }

  /**
   * Reads YAML from the value of a variable.
   *
   * @param name of the variable
   */
  public static Node.Mapping inline(
      String name, String text, Map<String, String> environment, Problems problems) {
    return text(name, text, Substitution.ofFile(environment, Path.of("")), problems);
  }

  private static Node.Mapping text(
      String name, String text, Substitution substitution, Problems problems) {
    YamlSource source = new YamlSource(name, substitution, problems);
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setLabel(name)
              .setUseMarks(true)
              .setSchema(new CoreSchema())
              .build();
      return new Compose(settings).composeString(text).map(source::root).orElse(Node.Mapping.EMPTY);
    } catch (MarkedYamlEngineException e) {
      problems.add(source.at(e.getProblemMark()), "this is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      problems.add(new Origin.InFile(name, 1), "this is not YAML: " + e.getMessage());
    }
    return Node.Mapping.EMPTY;
  }

  private Node.Mapping root(org.snakeyaml.engine.v2.nodes.Node node) {
    Origin origin = at(node.getStartMark());
    return switch (convert(node, origin, 0)) {
      case Node.Mapping mapping -> mapping;
      case Node.Nothing _ -> Node.Mapping.EMPTY;
      case Node other -> {
        problems.add(origin, "expected a mapping, not " + other.kind());
        yield Node.Mapping.EMPTY;
      }
    };
  }

  private Node convert(org.snakeyaml.engine.v2.nodes.Node node, Origin origin, int depth) {
    if (depth > DEEPEST) {
      problems.add(origin, "this is nested too deeply");
      return new Node.Nothing(origin);
    }
    return switch (node) {
      case MappingNode mapping -> mapping(mapping, origin, depth);
      case SequenceNode sequence -> {
        List<Node> items = new ArrayList<>();
        for (org.snakeyaml.engine.v2.nodes.Node item : sequence.getValue()) {
          items.add(convert(item, at(item.getStartMark()), depth + 1));
        }
        yield new Node.Sequence(items, origin);
      }
      case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> new Node.Nothing(origin);
      case ScalarNode scalar -> scalar(scalar, origin);
      default -> throw new IllegalStateException("unexpected kind of node " + node.getNodeType());
    };
  }

  private Node scalar(ScalarNode scalar, Origin origin) {
    try {
      return new Node.Scalar(substitution.apply(scalar.getValue()), origin);
    } catch (IllegalArgumentException e) {
      problems.add(origin, String.valueOf(e.getMessage()));
      return new Node.Nothing(origin);
    }
  }

  private Node mapping(MappingNode mapping, Origin origin, int depth) {
    SequencedMap<String, Node> entries = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      // Uses the line of the key, because the value may start on a later line.
      Origin line = at(entry.getKeyNode().getStartMark());
      if (entry.getKeyNode() instanceof ScalarNode key) {
        Node value = convert(entry.getValueNode(), line, depth + 1);
        if (entries.putIfAbsent(key.getValue(), value) != null) {
          problems.add(line, "the key '" + key.getValue() + "' is given twice");
        }
      } else {
        problems.add(line, "a key must be a text, not a list or a mapping");
      }
    }
    return new Node.Mapping(entries, origin);
  }

  private Origin at(Optional<Mark> mark) {
    return new Origin.InFile(name, mark.map(Mark::getLine).orElse(0) + 1);
  }
}
