package io.gatehouse.control.kind;

import io.gatehouse.control.doc.Value;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which clients an interceptor is for. In documents an absent virtual cluster is {@link
 * Key#PASSTHROUGH}, and null stands for all of them.
 *
 * @param vCluster null for clients of every virtual cluster
 * @param group null for any
 * @param username null for any; never together with a group
 */
public record Scope(@Nullable String vCluster, @Nullable String group, @Nullable String username) {

  /** All clients of all virtual clusters. */
  public static final Scope GLOBAL = new Scope(null, null, null);

  /** The scope of interceptors that name none. */
  public static final Scope PASSTHROUGH = new Scope(Key.PASSTHROUGH, null, null);

  private static final Pattern USERNAME = Pattern.compile(".+");

  /** The scope in the field {@code scope} of an interceptor. */
  static Scope of(Fields metadata) {
    if (!metadata.has("scope")) {
      return PASSTHROUGH;
    }
    return metadata.isNull("scope") ? GLOBAL : read(metadata.object("scope"));
  }

  /**
   * The scope in a request body.
   *
   * @throws InvalidException with all that is wrong
   */
  public static Scope read(Value document) throws InvalidException {
    Problems problems = new Problems();
    Scope scope = read(Fields.of(document, problems));
    problems.requireNone();
    return scope;
  }

  private static Scope read(Fields fields) {
    String cluster =
        fields.has("vCluster")
            ? fields.textOrNull("vCluster", ServiceAccount.VIRTUAL_CLUSTER)
            : Key.PASSTHROUGH;
    String group = fields.textOrNull("group", Group.NAME);
    String username = fields.textOrNull("username", USERNAME);
    if (group != null && username != null) {
      fields.problem("group", "a scope has a group or a username, not both");
    }
    fields.close();
    return new Scope(cluster, group, username);
  }

  /** The more clients a scope leaves out, the higher. */
  public int specificity() {
    return (username != null ? 4 : group != null ? 2 : 0) + (vCluster != null ? 1 : 0);
  }

  Map<String, @Nullable Object> document() {
    Map<String, @Nullable Object> document = Fields.map("vCluster", vCluster);
    if (group != null || equals(GLOBAL)) {
      document.put("group", group);
    }
    if (username != null || equals(GLOBAL)) {
      document.put("username", username);
    }
    return document;
  }

  /** For messages. */
  String shown() {
    String where = vCluster == null ? "" : "virtual cluster " + vCluster;
    String who = username != null ? "username " + username : group != null ? "group " + group : "";
    String separator = where.isEmpty() || who.isEmpty() ? "" : ", ";
    String shown = where + separator + who;
    return shown.isEmpty() ? "global" : shown;
  }
}
