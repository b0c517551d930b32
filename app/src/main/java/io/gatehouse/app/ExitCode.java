package io.gatehouse.app;

/**
 * The exit codes. A second signal during the drain ends the process with 128 plus the signal
 * number.
 */
final class ExitCode {

  static final int OK = 0;

  /** An invalid configuration, a port in use, or no command. */
  static final int FAILED = 1;

  /** An unknown command or flag, or a flag without its value. */
  static final int USAGE = 2;

  /** The heap is full. The JVM uses the same code when an allocation fails. */
  static final int HEAP_FULL = 3;

  private ExitCode() {}
}
