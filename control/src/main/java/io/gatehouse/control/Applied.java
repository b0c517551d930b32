package io.gatehouse.control;

import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a batch.
 *
 * @param outcomes of its entries in their order, then of what was deleted
 * @param revision the revision that has the change; the current one after a dry run
 */
public record Applied(List<Outcome> outcomes, long revision) {

  /** What became of one resource, and how it was and is; null where it was not or is no more. */
  public record Outcome(
      Key key, Upsert effect, @Nullable Resource before, @Nullable Resource after) {}

  public Applied {
    outcomes = List.copyOf(outcomes);
  }
}
