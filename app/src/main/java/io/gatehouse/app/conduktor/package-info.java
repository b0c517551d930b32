/**
 * Conduktor Gateway's environment: its variables, and what each means in the native form
 * (docs/conduktor.md). What a variable asks for and this version cannot do is refused by name,
 * since leaving out a security or policy setting silently would be worse than not starting.
 */
@NullMarked
package io.gatehouse.app.conduktor;

import org.jspecify.annotations.NullMarked;
