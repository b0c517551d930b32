package io.gatehouse.control;

import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Batch.Entry;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.References;
import io.gatehouse.control.store.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns a batch into one change of the current resources, or finds all that is wrong with it. Each
 * resource is validated against the resources as they would be afterwards, so the order in a batch
 * does not matter.
 */
final class BatchJudge {

  /** What else has to be written because resources are deleted. */
  interface Deletion {
    Change with(List<Key> deleted) throws Refusal;
  }

  private final Batch batch;
  private final Snapshot now;
  private final Admission admission;
  private final Deletion deletion;
  private final List<Applied.Outcome> outcomes = new ArrayList<>();
  private final List<Refusal.Problem> problems = new ArrayList<>();
  private @Nullable Refusal first;

  /** The resources to write, by their place in the batch. */
  private final Map<Resource, Integer> puts = new LinkedHashMap<>();

  private final List<Label> labels = new ArrayList<>();
  private final Set<Key> deletes = new LinkedHashSet<>();
  private final Set<Key> labelDeletes = new LinkedHashSet<>();

  private BatchJudge(Batch batch, Snapshot now, Admission admission, Deletion deletion) {
    this.batch = batch;
    this.now = now;
    this.admission = admission;
    this.deletion = deletion;
  }

  /**
   * @param change null if nothing has to be written
   */
  record Judged(@Nullable Change change, List<Applied.Outcome> outcomes) {}

  /**
   * @throws Refusal with all problems of the batch
   */
  static Judged judge(Batch batch, Snapshot now, Admission admission, Deletion deletion)
      throws Refusal {
    return new BatchJudge(batch, now, admission, deletion).judge();
  }

  private Judged judge() throws Refusal {
    for (int i = 0; i < batch.entries().size(); i++) {
      put(batch.entries().get(i), i);
    }
    Set<Key> given = new LinkedHashSet<>();
    for (int i = 0; i < batch.entries().size(); i++) {
      Key key = batch.entries().get(i).resource().key();
      if (!given.add(key)) {
        conflict(i, "The resource is given twice", "It is given twice.");
      }
    }
    for (Key key : batch.deletes()) {
      if (given.contains(key)) {
        conflict(-1, "The resource is applied and deleted", key.shown() + " is applied, too.");
      } else if (now.get(key) == null) {
        problem(-1, admission.isBuiltIn(key) ? admission.builtIn() : Administration.missing(key));
      } else {
        require(-1, key, now.get(key));
        delete(key);
      }
    }
    if (batch.options().prune()) {
      prune(given);
    }
    Change change = change();
    References references = new References(now, now.with(change), admission::mayRead);
    puts.forEach((resource, index) -> check(resource, index, references));
    if (admission.tellsReferences()) {
      deletes.forEach(key -> fit(-1, references.problemsWithout(key)));
    }
    if (!problems.isEmpty()) {
      throw refusal();
    }
    boolean nothing = change.puts().isEmpty() && change.deletes().isEmpty();
    return new Judged(nothing ? null : change, outcomes);
  }

  private void put(Entry entry, int index) {
    Key key = entry.resource().key();
    Resource before = now.get(key);
    Resource resource = whole(entry.resource(), before);
    Upsert effect =
        before == null
            ? Upsert.CREATED
            : before.equals(resource) ? Upsert.NOT_CHANGED : Upsert.UPDATED;
    outcomes.add(new Applied.Outcome(key, effect, before, resource));
    require(index, key, before);
    if (effect != Upsert.NOT_CHANGED) {
      puts.put(resource, index);
    }
    Label label = now.get(Label.keyOf(key), Label.class);
    String given = batch.options().label();
    if (given == null) {
      if (effect != Upsert.NOT_CHANGED) {
        requireFree(label, index);
      }
      return;
    }
    if (label != null && !label.name().equals(given) && before != null) {
      if (!batch.options().force() && label.file() == null) {
        conflict(
            index,
            "The resource has another label",
            "%s %s has the label %s. Force moves it to this label."
                .formatted(words(key), key.shown(), label.name()));
      } else {
        requireFree(label, index);
      }
    }
    Label next = new Label(key, given, entry.file());
    if (!next.equals(label)) {
      labels.add(next);
    }
  }

  /** With what the gateway chooses where the user has not. */
  private Resource whole(Resource given, @Nullable Resource before) {
    if (!(given instanceof VirtualCluster cluster) || cluster.hasPrefix()) {
      return given;
    }
    return cluster.withPrefix(
        before instanceof VirtualCluster old
            ? old.prefix()
            : admission.defaultPrefix(cluster.name()));
  }

  /** Refuses to change what the gateway's folder declares. */
  private void requireFree(@Nullable Label label, int index) {
    if (label != null
        && label.file() != null
        && !label.name().equals(batch.options().label())
        && !batch.options().force()) {
      Key key = label.of();
      conflict(
          index,
          "The resource is managed by a file",
          "%s %s is declared by %s in the gateway's folder of resources. Change it there, or force the change."
              .formatted(words(key), key.shown(), label.file()));
    }
  }

  private static String words(Key key) {
    return "The " + key.kind().words();
  }

  private void delete(Key key) {
    Label label = now.get(Label.keyOf(key), Label.class);
    requireFree(label, -1);
    if (label != null) {
      labelDeletes.add(label.key());
    }
    if (deletes.add(key)) {
      outcomes.add(new Applied.Outcome(key, Upsert.DELETED, now.get(key), null));
    }
  }

  private void prune(Set<Key> given) {
    String name = Objects.requireNonNull(batch.options().label());
    now.all(Label.class)
        .filter(label -> label.name().equals(name) && !given.contains(label.of()))
        .filter(label -> admission.prunes(label.of()))
        .toList()
        .forEach(label -> {
          labelDeletes.add(label.key());
          if (now.get(label.of()) != null) {
            delete(label.of());
          }
        });
  }

  private Change change() throws Refusal {
    Change more = deletion.with(List.copyOf(deletes));
    List<Resource> allPuts = new ArrayList<>(puts.keySet());
    allPuts.addAll(labels);
    allPuts.addAll(more.puts());
    List<Key> allDeletes = new ArrayList<>(deletes);
    allDeletes.addAll(labelDeletes);
    allDeletes.addAll(more.deletes());
    return new Change(now.revision(), allPuts, allDeletes);
  }

  private void check(Resource resource, int index, References references) {
    try {
      admission.check(resource);
      if (!admission.tellsReferences() || fit(index, references.problemsOf(resource))) {
        admission.requireEffect(resource);
      }
    } catch (Refusal refusal) {
      problem(index, refusal);
    }
  }

  /** Whether there are no problems. Several of one resource become one refusal. */
  private boolean fit(int index, List<References.Problem> found) {
    if (found.isEmpty()) {
      return true;
    }
    References.Problem one = found.getFirst();
    String message =
        found.stream().map(References.Problem::message).collect(Collectors.joining(" "));
    Reason reason = one.missing() ? Reason.MISSING : Reason.CONFLICT;
    problem(index, new Refusal(reason, one.title(), message));
    return false;
  }

  private void require(int index, Key key, @Nullable Resource before) {
    Refusal refusal = batch.options().precondition().refusal(key, before);
    if (refusal != null) {
      problem(index, refusal);
    }
  }

  private void conflict(int index, String title, String message) {
    problem(index, new Refusal(Reason.CONFLICT, title, message));
  }

  private void problem(int index, Refusal refusal) {
    if (first == null) {
      first = refusal;
    }
    problems.add(new Refusal.Problem(index, String.valueOf(refusal.getMessage())));
  }

  /** The only problem as it is, or all of them in one. */
  private Refusal refusal() {
    Refusal only = Objects.requireNonNull(first);
    return batch.entries().size() + batch.deletes().size() == 1 && problems.size() == 1
        ? only
        : Refusal.of(only.reason(), problems);
  }
}
