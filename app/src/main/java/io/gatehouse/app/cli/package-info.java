/**
 * The command line: the flags ({@link io.gatehouse.app.cli.Flag}) are defined in tables, and {@link
 * io.gatehouse.app.cli.Arguments} parses arguments with the syntax of Go's pflag, so that
 * kafka-proxy's command lines work unchanged. picocli renders help and completion from the same
 * tables. It does not parse the arguments, because that would take a tenth of the start-up time.
 */
@NullMarked
package io.gatehouse.app.cli;

import org.jspecify.annotations.NullMarked;
