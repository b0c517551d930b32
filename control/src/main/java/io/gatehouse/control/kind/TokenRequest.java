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
    long seconds = root.number("lifeTimeSeconds", 1, LONGEST);
    root.close();
    problems.requireNone();
    return new TokenRequest(new User(cluster, user), Duration.ofSeconds(seconds));
  }
}
