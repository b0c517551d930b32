package io.gatehouse.control.kind;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.Map;
import java.util.UUID;
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
    String pattern = pattern(spec);
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

  private static String pattern(Fields fields) {
    String pattern = fields.text("pattern", null);
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      fields.problem(
          "pattern",
          "%s is not a regular expression: %s"
              .formatted(Value.Text.quoted(pattern), e.getDescription()));
    }
    return pattern;
  }

  /**
   * Reads a rule of the API before {@code gateway/v2}, where rules have no names: a pattern has one
   * rule.
   *
   * @throws InvalidException with all that is wrong
   */
  public static ConcentrationRule readLegacy(String vCluster, Value document)
      throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    String pattern = pattern(root);
    PhysicalTopics topics =
        new PhysicalTopics(
            root.text("physicalTopicName", AliasTopic.TOPIC),
            root.textOrNull("physicalTopicCompactedName", AliasTopic.TOPIC),
            root.textOrNull("physicalTopicCompactedDeletedName", AliasTopic.TOPIC));
    if (!root.text("clusterId", null, AliasTopic.MAIN).equals(AliasTopic.MAIN)) {
      root.problem("clusterId", "topics are concentrated in the cluster main only");
    }
    root.close();
    problems.requireNone();
    String name = "rule-" + UUID.nameUUIDFromBytes(pattern.getBytes(UTF_8));
    return new ConcentrationRule(new User(vCluster, name), pattern, topics, false, false);
  }

  /** The rule as that API shows it. */
  public Map<String, @Nullable Object> legacyDocument() {
    return Fields.map(
        "clusterId", AliasTopic.MAIN,
        "pattern", pattern,
        "physicalTopicName", physicalTopics.delete);
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
