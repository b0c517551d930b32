/**
 * Translates Conduktor Gateway's environment variables to the native configuration
 * (docs/conduktor.md). A variable that asks for a missing feature prevents the start, because
 * ignoring a security setting would be worse.
 */
@NullMarked
package io.gatehouse.app.conduktor;

import org.jspecify.annotations.NullMarked;
