package io.gatehouse.control;

import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Resources to apply and to delete as one change, whole or not at all.
 *
 * @param deletes what must exist and is deleted
 */
public record Batch(List<Entry> entries, List<Key> deletes, Options options) {

  /**
   * One resource to apply.
   *
   * @param file where the gateway's folder declares it, or null
   */
  public record Entry(Resource resource, @Nullable String file) {}

  /**
   * How to apply.
   *
   * @param label marks the resources, or null
   * @param prune whether other resources with this label are deleted
   * @param force whether resources with another label, and those that the gateway's folder
   *     declares, are changed, too
   * @param precondition of each resource that is named
   */
  public record Options(
      @Nullable String label, boolean prune, boolean force, Precondition precondition) {

    /** Marks nothing, deletes nothing else. */
    public static final Options PLAIN = new Options(null, false, false);

    /** The same for resources that the gateway's folder declares. */
    public static final Options FORCED = new Options(null, false, true);

    public Options {
      if (prune && label == null) {
        throw new IllegalArgumentException("only resources with a label can be pruned");
      }
    }

    public Options(@Nullable String label, boolean prune, boolean force) {
      this(label, prune, force, new Precondition.Whatever());
    }

    /** The same for resources that are as expected. */
    public Options given(Precondition expected) {
      return new Options(label, prune, force, expected);
    }
  }

  public Batch {
    entries = List.copyOf(entries);
    deletes = List.copyOf(deletes);
  }

  /** All resources that are named. */
  List<Key> keys() {
    return Stream.concat(entries.stream().map(one -> one.resource().key()), deletes.stream())
        .toList();
  }

  static Batch put(Resource resource, Options options) {
    return new Batch(List.of(new Entry(resource, null)), List.of(), options);
  }

  static Batch delete(Key key, Options options) {
    return new Batch(List.of(), List.of(key), options);
  }
}
