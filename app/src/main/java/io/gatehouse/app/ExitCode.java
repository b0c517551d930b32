package io.gatehouse.app;

/** How the process ends. A second signal while it drains ends it with 128 and the signal. */
final class ExitCode {

  static final int OK = 0;

  /** A configuration that does not hold, a port that is taken, or a help text nobody asked for. */
  static final int FAILED = 1;

  /** An unknown command or flag, or a flag without its value. */
  static final int USAGE = 2;

  /** No memory is left. Java itself ends with the same when it finds none for an object. */
  static final int HEAP_FULL = 3;

  private ExitCode() {}
}
