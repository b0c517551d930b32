package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.authorize.AclRequests.Failure;
import io.gatehouse.gateway.metrics.AclMetrics;
import io.gatehouse.gateway.plan.Decision.Audited;
import io.gatehouse.wire.tree.Struct;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What became of each element of a request. */
final class ElementResults {

  /** The audit log cuts longer lists anyway. */
  private static final int MOST_AUDITED = 50;

  private final List<@Nullable Failure> failures;

  /** Elements that have succeeded unless told otherwise. */
  ElementResults(int count) {
    failures = new ArrayList<>(Collections.nCopies(count, null));
  }

  void fail(int index, Failure failure) {
    failures.set(index, failure);
  }

  /** Lets all fail that have not done so. */
  void failAll(Failure failure) {
    failures.replaceAll(known -> known == null ? failure : known);
  }

  /** Forgets all failures. */
  void clear() {
    failures.replaceAll(_ -> null);
  }

  /** Sets the error of an element in an answer, if it has one. */
  void write(int index, Struct result) {
    Failure failure = failures.get(index);
    if (failure != null) {
      failure.write(result);
    }
  }

  /** Counts the elements in the metrics. */
  void count(AclMetrics.Change change) {
    for (Failure failure : failures) {
      AclMetrics.changed(change, failure == null ? null : failure.code());
    }
  }

  /**
   * What the audit log says.
   *
   * @param done what was done, before the list of elements
   * @param changed the rules of an element that has succeeded
   */
  Audited audited(String api, String done, IntFunction<List<AclBinding>> changed) {
    return new Audited(
        api,
        failures.stream().allMatch(failure -> failure == null),
        IntStream.range(0, Math.min(failures.size(), MOST_AUDITED))
            .mapToObj(i -> {
              Failure failure = failures.get(i);
              return failure == null ? audited(changed.apply(i)) : failure.code().toString();
            })
            .collect(Collectors.joining("; ", done + ": ", "")));
  }

  /** In quotes, so that a name cannot look like other rules. */
  private static String audited(List<AclBinding> rules) {
    return rules.stream()
        .limit(MOST_AUDITED)
        .map(rule -> "'" + rule.toString().replace('\'', '?') + "'")
        .collect(Collectors.joining(", "));
  }
}
