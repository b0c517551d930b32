package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Which new topics of a virtual cluster are kept in shared physical topics.
 *
 * @param pattern a regular expression that matches their whole names
 * @param autoManaged whether the gateway creates and changes the physical topics
 * @param offsetCorrectness whether clients see offsets without gaps
 */
public record ConcentrationRule(
    User id,
    String pattern,
    PhysicalTopics physicalTopics,
    boolean autoManaged,
    boolean offsetCorrectness)
    implements Resource {

  /** The physical topics by cleanup policy. */
  public record PhysicalTopics(
      String delete, @Nullable String compact, @Nullable String deleteCompact) {}

  @Override
  public Key key() {
    return new Key(Kind.CONCENTRATION_RULE, id);
  }

  /**
   * @throws InvalidException with all that is wrong
   */
  public static ConcentrationRule read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.CONCENTRATION_RULE);
    User id = ServiceAccount.id(parts.metadata(), AliasTopic.TOPIC);
    Fields spec = parts.spec();
    String pattern = spec.text("pattern", null);
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      spec.problem(
          "pattern",
          "%s is not a regular expression: %s"
              .formatted(Value.Text.quoted(pattern), e.getDescription()));
    }
    Fields topics = spec.object("physicalTopics");
    PhysicalTopics physicalTopics =
        new PhysicalTopics(
            topics.text("delete", AliasTopic.TOPIC),
            topics.textOrNull("compact", AliasTopic.TOPIC),
            topics.textOrNull("deleteCompact", AliasTopic.TOPIC));
    topics.close();
    boolean autoManaged = spec.flag("autoManaged", false);
    boolean offsetCorrectness = spec.flag("offsetCorrectness", false);
    parts.end();
    return new ConcentrationRule(id, pattern, physicalTopics, autoManaged, offsetCorrectness);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> topics = Fields.map("delete", physicalTopics.delete);
    if (physicalTopics.compact != null) {
      topics.put("compact", physicalTopics.compact);
    }
    if (physicalTopics.deleteCompact != null) {
      topics.put("deleteCompact", physicalTopics.deleteCompact);
    }
    Map<String, @Nullable Object> spec = Fields.map("pattern", pattern, "physicalTopics", topics);
    if (defaults || autoManaged) {
      spec.put("autoManaged", autoManaged);
    }
    if (defaults || offsetCorrectness) {
      spec.put("offsetCorrectness", offsetCorrectness);
    }
    return Resource.document(Kind.CONCENTRATION_RULE, ServiceAccount.document(id, defaults), spec);
  }
}
