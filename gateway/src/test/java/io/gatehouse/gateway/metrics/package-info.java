/** What the gateway counts and how it says what went wrong. */
@NullMarked
package io.gatehouse.gateway.metrics;

import org.jspecify.annotations.NullMarked;
