package io.gatehouse.control.store;

import org.jspecify.annotations.Nullable;

/**
 * Decides on a change by the current resources. It may be called several times, because other
 * changes can be stored in between, so it must have no effects.
 *
 * @param <E> a refusal
 */
@FunctionalInterface
public interface Judge<E extends Exception> {

  /**
   * @return null if nothing has to be written
   */
  @Nullable Change judge(Snapshot now) throws E;
}
