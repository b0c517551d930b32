package io.gatehouse.control;

import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must be so for a change to be made, judged together with the change. */
public sealed interface Precondition {

  /** Nothing is required. */
  record Whatever() implements Precondition {}

  /** There is no such resource yet. */
  record Absent() implements Precondition {}

  /** There is such a resource. */
  record Present() implements Precondition {}

  /** It is as in one of these versions, see {@link EntityTag}. */
  record Unchanged(Set<String> tags) implements Precondition {
    public Unchanged {
      tags = Set.copyOf(tags);
    }
  }

  /** Why the change must not be made, or null. */
  default @Nullable Refusal refusal(Key key, @Nullable Resource now) {
    String name = "The %s %s".formatted(key.kind().words(), key.shown());
    String message =
        switch (this) {
          case Whatever _ -> null;
          case Absent _ -> now == null ? null : name + " exists already.";
          case Present _ -> now == null ? name + " does not exist." : null;
          case Unchanged(Set<String> tags) ->
              now == null
                  ? name + " does not exist any more."
                  : tags.contains(EntityTag.of(now))
                      ? null
                      : name
                          + " has changed since it was read: read it again, and repeat the change.";
        };
    return message == null
        ? null
        : new Refusal(Reason.STALE, "The resource is not as the request expects", message);
  }
}
