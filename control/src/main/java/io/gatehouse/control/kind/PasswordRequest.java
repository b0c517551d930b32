package io.gatehouse.control.kind;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.control.doc.Value;
import org.jspecify.annotations.Nullable;

/**
 * A request to set the password of an account.
 *
 * @param password null to generate one
 * @param iterations of PBKDF2
 */
public record PasswordRequest(User account, @Nullable Secret password, int iterations) {

  /** A login costs the client this many hashes; 100,000 take about 0.1 s. */
  private static final int MAX_ITERATIONS = 100_000;

  private static final int DEFAULT_ITERATIONS = 8192;
  private static final int MIN_LENGTH = 8;

  /**
   * @throws InvalidException with all that is wrong, without the password
   */
  public static PasswordRequest read(Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    Secret password = root.secret("password", MIN_LENGTH);
    int iterations =
        root.has("iterations")
            ? (int) root.number("iterations", ScramCredential.MIN_ITERATIONS, MAX_ITERATIONS)
            : DEFAULT_ITERATIONS;
    User id = ServiceAccount.id(root);
    root.close();
    problems.requireNone();
    return new PasswordRequest(id, password, iterations);
  }
}
