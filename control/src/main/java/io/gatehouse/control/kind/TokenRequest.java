package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.time.Duration;

/** A request for a token: the account and the lifetime. */
public record TokenRequest(User account, Duration lifetime) {

  /** A hundred years: practically unlimited, and still a valid date. */
  private static final long LONGEST = 100L * 366 * 24 * 3600;

  /**
   * @throws InvalidException with all that is wrong
   */
  public static TokenRequest read(Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    String user = root.text("username", ServiceAccount.NAME);
    String cluster = root.text("vCluster", ServiceAccount.VIRTUAL_CLUSTER, Key.PASSTHROUGH);
    return read(new User(cluster, user), root, problems);
  }

  /**
   * Reads a request of the API before {@code gateway/v2}, where the account is in the path.
   *
   * @throws InvalidException with all that is wrong
   */
  public static TokenRequest readLegacy(User account, Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    if (!ServiceAccount.NAME.matcher(account.name()).matches()) {
      root.problem(
          "username",
          "%s does not match ^%s$"
              .formatted(Value.Text.quoted(account.name()), ServiceAccount.NAME));
    }
    return read(account, root, problems);
  }

  private static TokenRequest read(User account, Fields root, Problems problems)
      throws InvalidException {
    long seconds = root.number("lifeTimeSeconds", 1, LONGEST);
    root.close();
    problems.requireNone();
    return new TokenRequest(account, Duration.ofSeconds(seconds));
  }
}
