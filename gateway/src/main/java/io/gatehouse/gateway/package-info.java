/** Placeholder text: see the module's description. */
@NullMarked
package io.gatehouse.gateway;

import org.jspecify.annotations.NullMarked;
