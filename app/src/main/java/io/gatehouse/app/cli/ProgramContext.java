package io.gatehouse.app;

import java.io.PrintStream;
import java.util.Map;

/** The output streams and environment variables of a command. */
record ProgramContext(PrintStream out, PrintStream err, Map<String, String> environment) {}
