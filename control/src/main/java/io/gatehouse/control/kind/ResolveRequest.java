package io.gatehouse.control.kind;

import io.gatehouse.control.doc.Value;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A question for the interceptors of a client.
 *
 * @param groups in addition to those that the account is a member of
 */
public record ResolveRequest(String vCluster, List<String> groups, @Nullable String username) {

  private static final Pattern USERNAME = Pattern.compile(".+");

  /**
   * @throws InvalidException with all that is wrong
   */
  public static ResolveRequest read(Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    String cluster = root.text("vCluster", ServiceAccount.VIRTUAL_CLUSTER, Key.PASSTHROUGH);
    List<String> groups = root.texts("groups", Group.NAME);
    String username = root.textOrNull("username", USERNAME);
    root.close();
    problems.requireNone();
    return new ResolveRequest(cluster, groups, username);
  }
}
