package io.gatehouse.control.folder;

import io.gatehouse.control.Administration;
import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Applied;
import io.gatehouse.control.Batch;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.folder.ResourceFiles.Declared;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the resources of a folder as one change, at the start and whenever its files change. A
 * folder that is not valid changes nothing. One that no longer has all of its resources may be one
 * that is just being copied, and what is deleted with an account is lost for good, so it is applied
 * only when its files have rested for some time.
 *
 * <p>It is applied only when its own files have changed, so gateways with one store and different
 * versions of the folder do not undo each other's changes again and again.
 */
public final class Folder implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Folder.class);

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** After how many intervals without a change of the files resources are deleted. */
  private static final int LONG_REST = 10;

  private static final Batch.Options OPTIONS = new Batch.Options(Label.FOLDER, true, true);

  private final Path path;
  private final Administration administration;
  private final Store store;
  private final Duration interval;
  private final Thread watch;

  /** The files that were read last. */
  private FolderStamp read = FolderStamp.NONE;

  /** For how many intervals the files have not changed. */
  private int rest;

  /** The revision of the store by which the present files were refused, or -1. */
  private long refusedBy = -1;

  /** The state before the folder could not be read, or null if it can be. */
  private @Nullable State beforeUnreadable;

  private volatile State state = new State(List.of(), List.of(), Instant.now(), 0, 0);

  /**
   * @param declared the resources of the last valid version
   * @param problems of the present version; none if it is applied
   * @param since when the present version was read
   * @param applied how many versions were applied
   * @param refused how many versions were not valid, or could not be stored
   */
  public record State(
      List<Resource> declared, List<String> problems, Instant since, long applied, long refused) {

    /** Whether the resources are those of the present files. */
    public boolean isUpToDate() {
      return problems.isEmpty();
    }
  }

  public Folder(Path path, Administration administration, Store store) {
    this(path, administration, store, INTERVAL);
  }

  Folder(Path path, Administration administration, Store store, Duration interval) {
    this.path = path;
    this.administration = administration;
    this.store = store;
    this.interval = interval;
    this.watch = Thread.ofVirtual().name("folder").unstarted(this::watch);
  }

  /**
   * Applies the folder and begins to watch it. If the store cannot be written now, that is tried
   * again.
   *
   * @return all problems, if nothing from the folder has ever been applied to this store; the
   *     folder is not watched then
   */
  public List<String> start() {
    FolderStamp stamp = isKnown() ? rested() : stamp();
    if (stamp != null) {
      apply(stamp);
    }
    List<String> problems = state.problems();
    boolean wait = read.equals(FolderStamp.NONE) && stamp != null;
    if (!problems.isEmpty() && !wait && !isKnown()) {
      return problems;
    }
    watch.start();
    return List.of();
  }

  /** Whether the store has resources of the folder. */
  private boolean isKnown() {
    return store.current().all(Label.class).anyMatch(label -> label.name().equals(Label.FOLDER));
  }

  /** The files when they have not changed for an interval; null if they go on changing. */
  private @Nullable FolderStamp rested() {
    FolderStamp last = stamp();
    try {
      for (int i = 0; i < LONG_REST; i++) {
        Thread.sleep(interval);
        FolderStamp stamp = stamp();
        if (Objects.equals(stamp, last)) {
          return stamp;
        }
        last = stamp;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  private void watch() {
    FolderStamp last = read;
    try {
      while (true) {
        Thread.sleep(interval);
        FolderStamp stamp = stamp();
        if (stamp == null) {
          rest = 0;
          continue;
        }
        rest = stamp.equals(last) ? rest + 1 : 0;
        last = stamp;
        // Files that are just being written are left alone until they rest.
        if (rest > 0 && (!stamp.equals(read) || mayFitNow())) {
          apply(stamp);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether what the files were refused for may have changed in the store. */
  private boolean mayFitNow() {
    return refusedBy >= 0 && rest % LONG_REST == 0 && refusedBy != store.current().revision();
  }

  /** Null if the folder cannot be read. */
  private @Nullable FolderStamp stamp() {
    try {
      FolderStamp stamp = FolderStamp.of(path);
      State before = beforeUnreadable;
      if (before != null && stamp.equals(read)) {
        state =
            new State(
                before.declared(),
                before.problems(),
                Instant.now(),
                state.applied(),
                state.refused());
        log.info("The folder {} can be read again and has not changed", path);
      }
      beforeUnreadable = null;
      return stamp;
    } catch (IOException e) {
      if (beforeUnreadable == null) {
        beforeUnreadable = state;
      }
      refuse(state.declared(), List.of("the folder " + path + " cannot be read: " + e));
      return null;
    }
  }

  /** An unexpected error is one problem more, and must not end the thread that watches. */
  private void apply(FolderStamp stamp) {
    refusedBy = -1;
    try {
      applyOrThrow(stamp);
    } catch (RuntimeException | Error e) {
      read = stamp;
      log.error("Unexpected error while the folder {} was applied", path, e);
      refuse(state.declared(), List.of(e.toString()));
    }
  }

  private void applyOrThrow(FolderStamp stamp) {
    ResourceFiles files = new ResourceFiles();
    files.readBelow(path);
    List<Resource> resources = files.resources();
    List<String> problems = new ArrayList<>(files.problems());
    if (stamp.isEmpty() && isKnown()) {
      problems.add(
          "there are no files, but there were: is the folder mounted? To delete all of its"
              + " resources, leave one file without documents");
    }
    if (!problems.isEmpty()) {
      read = stamp;
      refuse(state.declared(), problems);
      return;
    }
    long revision = store.current().revision();
    try {
      Batch batch = batch(files.documents(), resources);
      if (rest < LONG_REST && isWaiting(administration.apply(batch, true))) {
        return;
      }
      Applied applied = administration.applyInParts(batch);
      read = stamp;
      state = new State(resources, List.of(), Instant.now(), state.applied() + 1, state.refused());
      log(applied);
    } catch (Refusal refusal) {
      if (refusal.reason() != Reason.UNAVAILABLE) {
        read = stamp;
        refusedBy = revision;
      }
      refuse(state.declared(), problems(refusal, files.documents()));
    }
  }

  /** Whether resources would be deleted, which has to wait until the files have rested longer. */
  private boolean isWaiting(Applied dry) {
    long deleted = dry.outcomes().stream().filter(one -> one.effect() == Upsert.DELETED).count();
    if (deleted == 0) {
      return false;
    }
    State before = state;
    List<String> problems =
        List.of(
            "%d resources are no longer declared: the files are applied when they have rested for %d s"
                .formatted(deleted, interval.multipliedBy(LONG_REST).toSeconds()));
    if (!problems.equals(before.problems())) {
      state =
          new State(before.declared(), problems, Instant.now(), before.applied(), before.refused());
      log.info("Folder of resources: {}", problems.getFirst());
    }
    return true;
  }

  private static Batch batch(List<Declared> documents, List<Resource> resources) {
    List<Batch.Entry> entries = new ArrayList<>();
    for (int i = 0; i < resources.size(); i++) {
      entries.add(new Batch.Entry(resources.get(i), documents.get(i).file()));
    }
    return new Batch(entries, List.of(), OPTIONS);
  }

  private static List<String> problems(Refusal refusal, List<Declared> documents) {
    if (refusal.problems().isEmpty()) {
      String message = String.valueOf(refusal.getMessage());
      return List.of(
          documents.size() == 1 ? documents.getFirst().place() + ": " + message : message);
    }
    return refusal.problems().stream()
        .map(problem ->
            problem.index() < 0
                ? problem.text()
                : documents.get(problem.index()).place() + ": " + problem.text())
        .toList();
  }

  private void refuse(List<Resource> declared, List<String> problems) {
    State before = state;
    if (problems.equals(before.problems())) {
      return;
    }
    state = new State(declared, problems, Instant.now(), before.applied(), before.refused() + 1);
    problems.forEach(problem -> log.error("Folder of resources: {}", problem));
    log.error(
        "The folder {} was not applied: problems: {}. What they do not tell stays as it was",
        path,
        problems.size());
  }

  private void log(Applied applied) {
    Map<Upsert, Long> counts =
        applied.outcomes().stream()
            .collect(Collectors.groupingBy(Applied.Outcome::effect, Collectors.counting()));
    log.info(
        "The folder {} was applied: created {}, updated {}, deleted {}, unchanged {}",
        path,
        counts.getOrDefault(Upsert.CREATED, 0L),
        counts.getOrDefault(Upsert.UPDATED, 0L),
        counts.getOrDefault(Upsert.DELETED, 0L),
        counts.getOrDefault(Upsert.NOT_CHANGED, 0L));
  }

  /** The present state. Never blocks. */
  public State state() {
    return state;
  }

  /** How many resources of the last valid version others have changed or deleted since. */
  public long drift() {
    Snapshot now = store.current();
    return state.declared().stream().filter(one -> !one.equals(now.get(one.key()))).count();
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
