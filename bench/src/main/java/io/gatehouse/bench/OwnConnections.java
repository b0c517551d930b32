package io.gatehouse.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The TCP connections of this process, which show where clients have really connected. */
final class OwnConnections {

  private static final int REMOTE = 2;
  private static final int STATE = 3;
  private static final int INODE = 9;
  private static final String ESTABLISHED = "01";

  private OwnConnections() {}

  /** The remote port of every established connection of this process, by inode of the socket. */
  static Map<String, Integer> remotePorts() throws IOException {
    Set<String> own = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        try {
          String link = Files.readSymbolicLink(descriptor).toString();
          if (link.startsWith("socket:[")) {
            own.add(link.substring("socket:[".length(), link.length() - 1));
          }
        } catch (NoSuchFileException e) {
          // Closed after the folder was listed.
        }
      }
    }
    Map<String, Integer> ports = new HashMap<>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table), StandardCharsets.ISO_8859_1)) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields[STATE].equals(ESTABLISHED) && own.contains(fields[INODE])) {
          String remote = fields[REMOTE];
          ports.put(fields[INODE], Integer.parseInt(remote.substring(remote.indexOf(':') + 1), 16));
        }
      }
    }
    return ports;
  }

  /**
   * Checks that every connection that was opened after {@code before} leads to one of these ports.
   *
   * @throws IllegalStateException if one leads to another port, or there is none
   */
  static void check(Map<String, Integer> before, Set<Integer> ports) throws IOException {
    Map<String, Integer> opened = remotePorts();
    opened.keySet().removeAll(before.keySet());
    Set<Integer> seen = new HashSet<>(opened.values());
    if (seen.isEmpty() || !ports.containsAll(seen)) {
      throw new IllegalStateException(
          "the load is worth nothing: its clients are connected to ports "
              + seen
              + " and should be on "
              + ports);
    }
  }
}
