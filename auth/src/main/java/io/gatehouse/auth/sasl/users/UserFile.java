package io.gatehouse.auth.sasl.users;

import static java.util.Objects.requireNonNull;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramCredentials;
import io.gatehouse.auth.sasl.scram.ScramHash;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of users for PLAIN and SCRAM. Each line holds one user; a user may have one line for PLAIN
 * and one for SCRAM. {@code #} begins a comment:
 *
 * <pre>
 *   alice:$2y$10$...                                  as htpasswd -B writes it
 *   bob:{plain}secret
 *   carol:SCRAM-SHA-256=[iterations=8192,salt=...,stored_key=...,server_key=...]
 * </pre>
 *
 * <p>Logins and requests of sessions check the file for changes, at most every few seconds. A file
 * that has become invalid leaves the users unchanged and logs an error.
 */
public final class UserFile implements PasswordVerifier, ScramCredentials {

  private static final Logger log = LoggerFactory.getLogger(UserFile.class);

  /** A file that has not changed for this long counts as completely written. */
  private static final Duration SETTLES = Duration.ofMillis(100);

  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final Duration CHECKED_EACH = Duration.ofSeconds(3);

  /** The age of the last check after which requests wait for the next one. */
  private static final Duration STALE_AFTER = Duration.ofSeconds(10);

  /** How long requests wait for a check. */
  private static final Duration LOOK_PATIENCE = Duration.ofSeconds(2);

  /**
   * The users in force and the text they were parsed from.
   *
   * @param generation the number of texts that were in force before
   */
  private record Current(Users users, String text, PasswordTable table, long generation) {}

  /**
   * @param endsSessions whether sessions end when their user is removed or gets another password
   */
  public record Settings(Path file, boolean endsSessions) implements Source<UserFile> {
    @Override
    public UserFile open(Leases parts) {
      return new UserFile(file, endsSessions);
    }

    @Override
    public void check() {
      new UserFile(file, endsSessions);
    }
  }

  private final Path file;
  private final boolean endsSessions;
  private final LongSupplier nanos;
  private final AddressLimiter limiter;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Current current;
  private volatile long checked;
  private final AtomicReference<@Nullable CompletableFuture<@Nullable Void>> looking =
      new AtomicReference<>();
  private volatile long lookedAt;
  private String lastProblem = "";

  /** A user file that ends sessions when their user is removed or gets another password. */
  public UserFile(Path file) {
    this(file, true);
  }

  /**
   * @param endsSessions whether sessions end when their user is removed or gets another password
   * @throws IllegalArgumentException when the file cannot be read or a line is invalid
   */
  public UserFile(Path file, boolean endsSessions) {
    this(file, endsSessions, System::nanoTime);
  }

  UserFile(Path file, boolean endsSessions, LongSupplier nanos) {
    this.file = file;
    this.endsSessions = endsSessions;
    this.nanos = nanos;
    this.limiter = AddressLimiter.forBcrypt();
    this.checked = nanos.getAsLong();
    try {
      this.current = parse(text(file), 0);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "The user file " + file + " cannot be read: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("The user file " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Outcome verify(String user, Secret password, Peer peer) throws SaslFailure {
    Current now = current();
    boolean right =
        now.table().isRemembered(user, password)
            || limiter.run(peer.address(), () -> now.table().isRight(user, password));
    if (!right) {
      throw SaslFailure.wrongPassword(user);
    }
    PasswordHash hash = requireNonNull(now.users().passwords().get(user));
    return new Outcome(
        new Principal(user, PlainMechanism.NAME),
        null,
        check(user, users -> users.passwords().get(user), hash));
  }

  @Override
  public @Nullable ScramCredential find(ScramHash hash, String user) {
    return of(hash, current().users()).get(user);
  }

  @Override
  public @Nullable CredentialCheck check(ScramHash hash, String user, ScramCredential found) {
    return check(user, users -> of(hash, users).get(user), found);
  }

  private @Nullable CredentialCheck check(
      String user, Function<Users, @Nullable Object> entry, Object proved) {
    return endsSessions ? new EntryCheck(user, entry, proved) : null;
  }

  /** Checks that the file still holds the entry that the user authenticated with. */
  private final class EntryCheck implements CredentialCheck {

    /** A generation that no text has. */
    private static final long NONE = -1;

    private final String user;
    private final Function<Users, @Nullable Object> entry;
    private final Object proved;
    private volatile long generation;

    EntryCheck(String user, Function<Users, @Nullable Object> entry, Object proved) {
      this.user = user;
      this.entry = entry;
      this.proved = proved;
      // The file may have been read again since the entry was taken from it.
      Current now = current;
      this.generation = proved.equals(entry.apply(now.users())) ? now.generation() : NONE;
    }

    @Override
    public boolean isOutdated() {
      long now = nanos.getAsLong();
      if (now - checked >= CHECKED_EACH.toNanos()) {
        look();
        // If the file system does not answer, sessions continue.
        boolean awaited = now - lookedAt < LOOK_PATIENCE.toNanos();
        if (awaited && now - checked >= STALE_AFTER.toNanos()) {
          return true;
        }
      }
      return current.generation() != generation;
    }

    @Override
    public @Nullable String recheck() {
      if (nanos.getAsLong() - checked >= CHECKED_EACH.toNanos()) {
        look().copy().completeOnTimeout(null, LOOK_PATIENCE.toNanos(), TimeUnit.NANOSECONDS).join();
      }
      Current now = current;
      if (!proved.equals(entry.apply(now.users()))) {
        return "user "
            + ClientText.shown(user)
            + " was removed from the user file or changed there";
      }
      generation = now.generation();
      return null;
    }
  }

  /** Checks the file on another thread, one at a time. */
  private CompletableFuture<@Nullable Void> look() {
    CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> running = looking.compareAndExchange(null, mine);
    if (running != null) {
      return running;
    }
    lookedAt = nanos.getAsLong();
    Thread.ofVirtual()
        .name("user-file")
        .start(() -> {
          try {
            current();
          } finally {
            looking.set(null);
            mine.complete(null);
          }
        });
    return mine;
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
        // A file that is overwritten in place is incomplete for a moment, and that must not end
        // sessions.
        LockSupport.parkNanos(SETTLES.toNanos());
        if (!text.equals(text(file))) {
          return; // the next check decides
        }
        current = parse(text, current.generation() + 1);
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

  private static Current parse(String text, long generation) {
    Users users = Users.parse(text);
    return new Current(users, text, new PasswordTable(users.passwords()), generation);
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
