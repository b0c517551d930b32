package io.gatehouse.control;

import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Judge;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreException;
import io.gatehouse.control.store.StoreException.Outcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes changes in the name of a user.
 *
 * @param user who makes them
 */
record ChangeWriter(Store store, String user) {

  private static final Logger log = LoggerFactory.getLogger(ChangeWriter.class);

  /** Of one change: more than the largest folder needs. */
  private static final int MAX_PARTS = 1000;

  /** Finds what to write by the current resources. */
  interface Judging {
    BatchJudge.Judged judge(Snapshot now) throws Refusal;
  }

  /** Returns the revision that has the change. */
  long write(Judge<Refusal> judge) throws Refusal {
    try {
      return store(judge);
    } catch (StoreException e) {
      throw refusal(e);
    }
  }

  private long store(Judge<Refusal> judge) throws Refusal, StoreException {
    Judge<Refusal> named =
        now -> {
          Change change = judge.judge(now);
          return change == null ? null : change.by(user);
        };
    return store.update(named).revision();
  }

  private static Refusal refusal(StoreException e) {
    log.error("A change is refused, because it cannot be kept: {}", e.getMessage());
    return switch (e.outcome()) {
      case NOT_STORED ->
          new Refusal(
              Reason.UNAVAILABLE,
              "The store cannot be written",
              "The change is not made; the gateway's log has the reason.");
      case TOO_LARGE ->
          new Refusal(Reason.INVALID, "The change is too large", String.valueOf(e.getMessage()));
      case UNKNOWN ->
          new Refusal(
              Reason.UNAVAILABLE,
              "The store did not answer",
              "The change may be made or not: read it before trying again.");
    };
  }

  /**
   * Makes a change, whole or not at all.
   *
   * @param inParts whether a change that is larger than the store takes becomes several
   */
  Applied apply(Judging judging, boolean inParts) throws Refusal {
    List<Applied.Outcome> outcomes = new ArrayList<>();
    Judge<Refusal> judge =
        now -> {
          BatchJudge.Judged judged = judging.judge(now);
          outcomes.clear();
          outcomes.addAll(judged.outcomes());
          return judged.change();
        };
    try {
      return new Applied(outcomes, store(judge));
    } catch (StoreException e) {
      if (!inParts || e.outcome() != Outcome.TOO_LARGE) {
        throw refusal(e);
      }
    }
    // What was judged last was the whole.
    return new Applied(List.copyOf(outcomes), writeParts(judging));
  }

  /** Judges the whole again after each part, and writes what is still missing. */
  private long writeParts(Judging judging) throws Refusal {
    long revision = 0;
    Set<Key> written = Set.of();
    for (int part = 1; part <= MAX_PARTS; part++) {
      AtomicBoolean last = new AtomicBoolean();
      Set<Key> before = written;
      Set<Key> keys = new HashSet<>();
      try {
        revision =
            store(now -> {
              Change missing = judging.judge(now).change();
              if (missing == null) {
                last.set(true);
                return null;
              }
              if (!before.isEmpty() && missing.changed().keySet().containsAll(before)) {
                throw noProgress(before.size());
              }
              Change first = missing.by(user).firstPart(now);
              keys.clear();
              keys.addAll(first.changed().keySet());
              last.set(first.isAsLargeAs(missing));
              return first;
            });
      } catch (StoreException e) {
        throw partial(refusal(e), part);
      } catch (Refusal refusal) {
        throw partial(refusal, part);
      }
      written = keys;
      if (last.get()) {
        log.info("A change was too large for the store and was made in {} parts", part);
        return revision;
      }
    }
    throw partial(
        new Refusal(Reason.UNAVAILABLE, "The store is busy", "Others undo the change."), MAX_PARTS);
  }

  /** Another part would write the same again. */
  private static Refusal noProgress(int changed) {
    return new Refusal(
        Reason.CONFLICT,
        "The change makes no progress",
        "All %d changes of the part that was written last are missing again: see who else changes these resources."
            .formatted(changed));
  }

  private static Refusal partial(Refusal why, int part) {
    if (part == 1) {
      return why;
    }
    return new Refusal(
        why.reason(),
        why.title(),
        "The change is too large for the store to make it at once, and only a part was made; it can be made again, which adds the rest. %s"
            .formatted(why.getMessage()));
  }
}
