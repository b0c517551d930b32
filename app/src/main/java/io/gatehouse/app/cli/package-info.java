/**
 * Arguments: which flags there are ({@link io.gatehouse.app.cli.Flag}, read from tables), and how a
 * command line is split into them ({@link io.gatehouse.app.cli.Arguments}) with the rules of Go's
 * pflag, so that kafka-proxy's command lines work unchanged. picocli renders help and completion
 * from the same tables; to read arguments with it would cost a tenth of the start-up.
 */
@NullMarked
package io.gatehouse.app.cli;

import org.jspecify.annotations.NullMarked;
