/**
 * kafka-proxy's command line: its flags and variables, and what each means in the native form
 * (contracts/kafka-proxy.md §2 to §4). Nothing behind the translation knows that it happened.
 */
@NullMarked
package io.gatehouse.app.kafkaproxy;

import org.jspecify.annotations.NullMarked;
