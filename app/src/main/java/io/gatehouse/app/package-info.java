/** Placeholder text: see the module's description. */
@NullMarked
package io.gatehouse.app;

import org.jspecify.annotations.NullMarked;
