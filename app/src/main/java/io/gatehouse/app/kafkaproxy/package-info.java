/**
 * kafka-proxy's command line: its flags and variables, and what each means in the native form
 * (docs/kafka-proxy.md). Nothing behind the translation knows that it happened.
 */
@NullMarked
package io.gatehouse.app.kafkaproxy;

import org.jspecify.annotations.NullMarked;
