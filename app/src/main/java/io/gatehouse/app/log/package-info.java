/**
 * Logging with Logback, configured in code without searching files or parsing XML. A separate
 * thread writes the lines, so that a slow reader of standard output does not block event loops. If
 * its queue is full, lines are dropped.
 */
@NullMarked
package io.gatehouse.app.log;

import org.jspecify.annotations.NullMarked;
