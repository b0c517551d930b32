package io.gatehouse.identity.sasl.users;

import io.gatehouse.identity.Principal;
import io.gatehouse.identity.Secret;
import io.gatehouse.identity.sasl.ClientText;
import io.gatehouse.identity.sasl.Peer;
import io.gatehouse.identity.sasl.SaslFailure;
import io.gatehouse.identity.sasl.password.PasswordVerifier;
import io.gatehouse.identity.sasl.password.PlainMechanism;
import io.gatehouse.identity.sasl.scram.ScramCredential;
import io.gatehouse.identity.sasl.scram.ScramCredentials;
import io.gatehouse.identity.sasl.scram.ScramHash;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users in a file, for PLAIN and for SCRAM. One line each; a user may have one of each kind, and
 * {@code #} begins a comment:
 *
 * <pre>
 *   alice:$2y$10$...                                  as htpasswd -B writes it
 *   bob:{plain}secret
 *   carol:SCRAM-SHA-256=[iterations=8192,salt=...,stored_key=...,server_key=...]
 * </pre>
 *
 * The file is looked at again by logins, at most every few seconds. One that is broken then leaves
 * the users as they were, with an error in the log.
 */
public final class UserFile implements PasswordVerifier, ScramCredentials {

  private static final Logger log = LoggerFactory.getLogger(UserFile.class);

  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final int MAX_REMEMBERED = 10_000;
  private static final Duration CHECKED_EACH = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What is in force, and the text that said so. */
  private record Current(Users users, String text, RightPasswords right) {}

  private final Path file;
  private final LongSupplier nanos;
  private final AddressTurns turns;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Current current;
  private volatile long checked;
  private String lastProblem = "";

  /**
   * @throws IllegalArgumentException when the file cannot be read or a line is wrong
   */
  public UserFile(Path file) {
    this(file, System::nanoTime);
  }

  UserFile(Path file, LongSupplier nanos) {
    this.file = file;
    this.nanos = nanos;
    // Bcrypt holds the processor while it runs; others must have theirs meanwhile.
    int atOnce = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    this.turns = new AddressTurns(atOnce, PATIENCE);
    this.checked = nanos.getAsLong();
    try {
      this.current = parse(text(file));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "The user file " + file + " cannot be read: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("The user file " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Principal verify(String user, Secret password, Peer peer) throws SaslFailure {
    Current now = current();
    boolean right =
        now.right().has(user, password)
            || turns.run(peer.address(), () -> isRight(now, user, password));
    if (!right) {
      throw new SaslFailure(
          SaslFailure.Reason.BAD_CREDENTIALS,
          "user " + ClientText.shown(user) + " is unknown or its password is wrong");
    }
    return new Principal(user, PlainMechanism.NAME);
  }

  private static boolean isRight(Current now, String user, Secret password) {
    // Those who waited with the same password find it here.
    if (now.right().has(user, password)) {
      return true;
    }
    PasswordHash hash = now.users().passwords().get(user);
    boolean right = hash != null && hash.matches(password);
    if (right) {
      now.right().add(user, password);
      return true;
    }
    Decoys.spend(hash, now.users().cost(), password);
    return false;
  }

  @Override
  public @Nullable ScramCredential find(ScramHash hash, String user) {
    return of(hash, current().users()).get(user);
  }

  @Override
  public @Nullable ScramCredential model(ScramHash hash, int pick) {
    List<ScramCredential> models = current().users().models().getOrDefault(hash, List.of());
    return models.isEmpty() ? null : models.get(Math.floorMod(pick, models.size()));
  }

  private static Map<String, ScramCredential> of(ScramHash hash, Users users) {
    return users.scram().getOrDefault(hash, Map.of());
  }

  private Current current() {
    if (nanos.getAsLong() - checked >= CHECKED_EACH.toNanos() && reading.tryLock()) {
      try {
        reread();
        checked = nanos.getAsLong();
      } finally {
        reading.unlock();
      }
    }
    return current;
  }

  private void reread() {
    try {
      String text = text(file);
      if (!text.equals(current.text())) {
        current = parse(text);
        log.info("User file {} was read anew", file);
      }
      lastProblem = "";
    } catch (IOException | IllegalArgumentException e) {
      String problem = e.toString();
      if (!problem.equals(lastProblem)) {
        String why = e instanceof IOException ? "it cannot be read: " + e : e.getMessage();
        log.error("User file {} is broken; the users stay as they were: {}", file, why);
      }
      lastProblem = problem;
    }
  }

  private static Current parse(String text) {
    return new Current(Users.parse(text), text, new RightPasswords(MAX_REMEMBERED));
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw new IOException("it is larger than " + MAX_BYTES + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("it is not UTF-8", e);
    }
  }
}
