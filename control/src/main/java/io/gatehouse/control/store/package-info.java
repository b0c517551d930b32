/**
 * Stores for resources. Each change creates a new revision. A change names the revision it was
 * validated against, and is refused if that is no longer the current one.
 */
@NullMarked
package io.gatehouse.control.store;

import org.jspecify.annotations.NullMarked;
