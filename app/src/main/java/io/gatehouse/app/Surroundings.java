package io.gatehouse.app;

import java.io.PrintStream;
import java.util.Map;

/** What a command sees of the world around it. */
record Surroundings(PrintStream out, PrintStream err, Map<String, String> environment) {}
