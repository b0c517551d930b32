package io.gatehouse.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * CPU time and memory of a process (proc(5)). Linux only.
 *
 * @param pid the id of a running process
 */
record ProcessFigures(long pid) {

  /** USER_HZ, which is 100 on every Linux that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  /** The fields of {@code stat} after the command name, which may contain spaces. */
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;

  /** User and system time of all threads, including ended ones. */
  double cpuSeconds() throws IOException {
    String stat = read("stat");
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
        / TICKS_PER_SECOND;
  }

  /** Resident memory in units of 1024 bytes. */
  long residentKilobytes() throws IOException {
    for (String line : read("status").split("\n", -1)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("process " + pid + " has no resident memory; it has ended");
  }

  private String read(String file) throws IOException {
    return Files.readString(
        Path.of("/proc", String.valueOf(pid), file), StandardCharsets.ISO_8859_1);
  }
}
