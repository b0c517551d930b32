/** Placeholder text: see the module's description. */
@NullMarked
package io.gatehouse.bench;

import org.jspecify.annotations.NullMarked;
