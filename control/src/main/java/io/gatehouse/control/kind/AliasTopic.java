package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Another name for a physical topic.
 *
 * @param id the name and the virtual cluster that has it
 * @param readOnly whether the topic cannot be changed by this name
 */
public record AliasTopic(User id, String physicalName, String physicalCluster, boolean readOnly)
    implements Resource {

  static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
  private static final Pattern CLUSTER = Pattern.compile("[a-zA-Z0-9._-]{1,100}");

  /** The physical cluster of topics that name none. */
  public static final String MAIN = "main";

  /** One that can be written. */
  public AliasTopic(User id, String physicalName, String physicalCluster) {
    this(id, physicalName, physicalCluster, /* readOnly= */ false);
  }

  /** The same for clients without a virtual cluster. */
  public AliasTopic inPassthrough() {
    return new AliasTopic(
        new User(Key.PASSTHROUGH, id.name()), physicalName, physicalCluster, readOnly);
  }

  /** Whether clients without a virtual cluster have it. */
  public boolean isOfPassthrough() {
    return virtualCluster().equals(Key.PASSTHROUGH);
  }

  /** The virtual cluster whose clients have it. */
  public String virtualCluster() {
    return Objects.requireNonNullElse(id.tenant(), Key.PASSTHROUGH);
  }

  @Override
  public Key key() {
    return new Key(Kind.ALIAS_TOPIC, id);
  }

  /**
   * @throws InvalidException with all that is wrong
   */
  public static AliasTopic read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.ALIAS_TOPIC);
    User id = ServiceAccount.id(parts.metadata(), TOPIC);
    refuseRelative(parts.metadata(), "name", id.name());
    Fields spec = parts.spec();
    String physicalName = spec.text("physicalName", TOPIC);
    refuseRelative(spec, "physicalName", physicalName);
    String physicalCluster = spec.text("physicalCluster", CLUSTER, MAIN);
    boolean readOnly = spec.flag("readOnly", false);
    parts.end();
    return new AliasTopic(id, physicalName, physicalCluster, readOnly);
  }

  /**
   * Reads an alias of the API before {@code gateway/v2}, where name and virtual cluster are in the
   * path.
   *
   * @throws InvalidException with all that is wrong
   */
  public static AliasTopic readLegacy(User id, Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    if (!TOPIC.matcher(id.name()).matches() || isRelative(id.name())) {
      root.problem("name", Value.Text.quoted(id.name()) + " cannot be the name of a topic");
    }
    String physicalName = root.text("physicalTopicName", TOPIC);
    refuseRelative(root, "physicalTopicName", physicalName);
    String physicalCluster = root.text("clusterId", CLUSTER, MAIN);
    if (!root.text("type", null, "alias").equalsIgnoreCase("alias")
        || root.flag("concentrated", false)) {
      root.problem(
          root.isGiven("type") ? "type" : "concentrated",
          "only alias topics are made here; concentration rules concentrate topics");
    }
    boolean readOnly = root.flag("readOnly", false);
    root.close();
    problems.requireNone();
    return new AliasTopic(id, physicalName, physicalCluster, readOnly);
  }

  /** The alias as that API shows it. */
  public Map<String, @Nullable Object> legacyDocument() {
    return Fields.map(
        "logicalTopicName",
        id.name(),
        "clusterId",
        physicalCluster,
        "physicalTopicName",
        physicalName,
        "readOnly",
        readOnly,
        "type",
        "ALIAS");
  }

  /**
   * The identity of an alias or a rule in a request body.
   *
   * @throws InvalidException with all that is wrong
   */
  public static User readId(Value document) throws InvalidException {
    return ServiceAccount.readId(document, TOPIC);
  }

  static void refuseRelative(Fields fields, String name, String topic) {
    if (isRelative(topic)) {
      fields.problem(name, Value.Text.quoted(topic) + " cannot be the name of a topic");
    }
  }

  static boolean isRelative(String topic) {
    return topic.equals(".") || topic.equals("..");
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> spec = Fields.map("physicalName", physicalName);
    if (defaults || !physicalCluster.equals(MAIN)) {
      spec.put("physicalCluster", physicalCluster);
    }
    if (readOnly) { // an extension, which others do not expect
      spec.put("readOnly", true);
    }
    return Resource.document(Kind.ALIAS_TOPIC, ServiceAccount.document(id, defaults), spec);
  }
}
