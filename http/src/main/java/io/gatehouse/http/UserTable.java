package io.gatehouse.http;

import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.auth.sasl.users.PasswordTable;
import io.gatehouse.control.Actor;
import io.gatehouse.http.UserSettings.UserSource;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users of the configuration and of a file. Logins check the file for changes, at most every
 * few seconds; one that has become invalid leaves the users unchanged and is logged.
 */
final class UserTable {
  private static final Logger LOG = LoggerFactory.getLogger(UserTable.class);
  private static final Duration CHECKED_EACH = Duration.ofSeconds(3);

  private final UserSettings settings;
  private final LongSupplier nanos;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Users current;
  private volatile long checked;

  // Used only under the lock.
  private String text = "";
  private String lastProblem = "";

  /** The users at one time. */
  static final class Users {
    private final Map<String, Actor> names = new HashMap<>();
    private final Map<String, Actor> certificates = new HashMap<>();
    private final Map<String, Actor> subjects = new HashMap<>();
    private final PasswordTable passwords;

    Users(List<AdminUser> users) {
      Map<String, PasswordHash> hashes = new HashMap<>();
      for (var user : users) {
        var actor = user.actor();
        names.put(user.name(), actor);
        var proofs = user.proofs();
        if (proofs.password() != null) {
          hashes.put(user.name(), proofs.password());
        }
        if (proofs.certificate() != null) {
          certificates.put(proofs.certificate(), actor);
        }
        if (proofs.subject() != null) {
          subjects.put(proofs.subject(), actor);
        }
      }
      passwords = new PasswordTable(hashes);
    }

    PasswordTable passwords() {
      return passwords;
    }

    Actor byName(String name) {
      return Objects.requireNonNull(names.get(name));
    }

    @Nullable Actor byCertificate(String name) {
      return certificates.get(name);
    }

    @Nullable Actor bySubject(String subject) {
      return subjects.get(subject);
    }
  }

  UserTable(UserSettings settings, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
    this.current = new Users(settings.users());
    var file = settings.file();
    if (file != null) {
      reread(file);
    }
    this.checked = nanos.getAsLong();
  }

  Users current() {
    var file = settings.file();
    if (file != null
        && nanos.getAsLong() - checked >= CHECKED_EACH.toNanos()
        && reading.tryLock()) {
      try {
        reread(file);
        checked = nanos.getAsLong();
      } finally {
        reading.unlock();
      }
    }
    return current;
  }

  private void reread(UserSource source) {
    try {
      var now = source.text();
      if (!now.equals(text)) {
        var all = settings.with(source.parse(now));
        current = new Users(all);
        text = now;
        LOG.info("The users of the admin API were read: {}", all.size());
      }
      lastProblem = "";
    } catch (IOException | IllegalArgumentException e) {
      var problem = String.valueOf(e.getMessage());
      if (!problem.equals(lastProblem)) {
        LOG.error(
            "The file of users of the admin API is broken; they stay as they were: {}", problem);
      }
      lastProblem = problem;
    }
  }
}
