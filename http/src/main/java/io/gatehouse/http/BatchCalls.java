package io.gatehouse.http;

import io.gatehouse.control.Applied;
import io.gatehouse.control.Batch;
import io.gatehouse.control.EntityTag;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several resources of any kinds that are applied or deleted as one change, whole or not at all.
 * Not in Conduktor Gateway.
 */
final class BatchCalls {
  static final Set<String> APPLY = Set.of("dryMode", "force", "label", "prune");
  static final Set<String> RESTORE = Set.of("dryMode");
  static final Set<String> DELETE = Set.of("dryMode", "force");

  private BatchCalls() {}

  private interface Parser<T> {
    T parse(Value document) throws InvalidException;
  }

  static Reply apply(Call call) throws Refusal, MalformedException {
    var label = call.query("label");
    if (label != null && !Label.isValid(label)) {
      return Reply.invalid(
          "label: %s is not a label: %s".formatted(Value.Text.quoted(label), Label.rule()));
    }
    var prune = call.flag("prune");
    if (prune && label == null) {
      return Reply.invalid(
          "prune: only resources with a label can be pruned, and label is not given");
    }
    List<Resource> resources = parse(call.documents(), Stored::readOfUsers);
    requireOne(call, resources.size(), prune);
    var options = new Batch.Options(label, prune, call.flag("force"), call.precondition());
    var entries = resources.stream().map(one -> new Batch.Entry(one, null)).toList();
    return answer(call, new Batch(entries, List.of(), options));
  }

  /** The documents need no spec. */
  static Reply delete(Call call) throws Refusal, MalformedException {
    List<Key> keys = parse(call.documents(), Stored::readKey);
    requireOne(call, keys.size(), /* prune= */ false);
    var options = new Batch.Options(null, false, call.flag("force"), call.precondition());
    return answer(call, new Batch(List.of(), keys, options));
  }

  /** A version is that of one resource. */
  private static void requireOne(Call call, int count, boolean prune) throws Refusal {
    if (call.hasPrecondition() && (count != 1 || prune)) {
      throw new Refusal(
          Refusal.Reason.INVALID,
          "The request is not valid",
          "If-Match and If-None-Match are for one resource, and this is about several.");
    }
  }

  /** Everything that is stored, for a backup. */
  static Reply state(Call call) {
    return Reply.ok(call.administration().state().stream().map(one -> one.document(true)).toList());
  }

  /** Writes what {@link #state} returned. */
  static Reply restore(Call call) throws Refusal, MalformedException {
    var dry = call.flag("dryMode");
    List<Resource> state = parse(call.documents(), Stored::read);
    try (var _ = call.turns().takeIf(dry)) {
      return answer(call.administration().restore(state, dry), dry);
    }
  }

  private static <T> List<T> parse(List<Value> documents, Parser<T> parser) throws Refusal {
    if (documents.isEmpty()) {
      throw new Refusal(
          Refusal.Reason.INVALID, "The request is not valid", "The body has no document.");
    }
    var parsed = new ArrayList<T>();
    var problems = new ArrayList<Refusal.Problem>();
    for (int i = 0; i < documents.size(); i++) {
      try {
        parsed.add(parser.parse(documents.get(i)));
      } catch (InvalidException e) {
        for (var problem : e.problems()) {
          problems.add(new Refusal.Problem(i, problem));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw Refusal.of(Refusal.Reason.INVALID, problems);
    }
    return parsed;
  }

  private static Reply answer(Call call, Batch batch) throws Refusal {
    var dry = call.flag("dryMode");
    try (var _ = call.turns().takeIf(dry)) {
      return answer(call.administration().apply(batch, dry), dry);
    }
  }

  private static Reply answer(Applied applied, boolean dry) {
    var results = applied.outcomes().stream().map(outcome -> shown(outcome, dry)).toList();
    return Reply.ok(Json.object("results", results, "revision", applied.revision()));
  }

  /** A dry run also shows the resource as it is, so that the difference can be seen. */
  private static Map<String, @Nullable Object> shown(Applied.Outcome outcome, boolean dry) {
    var shown = outcome.key().document();
    shown.put("upsertResult", outcome.effect().label());
    if (dry) {
      shown.put("before", document(outcome.before()));
    }
    shown.put("resource", document(outcome.after()));
    var stored = dry ? outcome.before() : outcome.after();
    shown.put("etag", stored == null ? null : "\"" + EntityTag.of(stored) + "\"");
    return shown;
  }

  private static @Nullable Map<String, @Nullable Object> document(@Nullable Resource resource) {
    return resource == null ? null : resource.document(true);
  }
}
