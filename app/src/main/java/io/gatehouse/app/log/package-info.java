/**
 * Logging by logback, set up in code: no file is looked for and no XML is parsed. Lines are written
 * by a thread of their own, so that a reader of standard output who is slow stops no event loop;
 * when its queue is full, lines are lost rather than connections.
 */
@NullMarked
package io.gatehouse.app.log;

import org.jspecify.annotations.NullMarked;
