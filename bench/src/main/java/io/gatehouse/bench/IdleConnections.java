package io.gatehouse.bench;

import io.gatehouse.testkit.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What connections cost that have asked one thing and then say nothing. */
final class IdleConnections {

  private static final int WARM_UP = 200;
  private static final int COUNT = 2_000;

  private IdleConnections() {}

  /** Resident kilobytes (1024 bytes) per connection of a fresh process of the target. */
  static double kilobytesEach(Target target) throws IOException {
    closeAll(open(target, WARM_UP));
    double before = target.residentMegabytes();
    List<RawClient> clients = open(target, COUNT);
    double after = target.residentMegabytes();
    closeAll(clients);
    return (after - before) * 1024 / COUNT;
  }

  private static List<RawClient> open(Target target, int count) throws IOException {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        RawClient client = target.door().open();
        clients.add(client);
        RelayProcess.apiVersions(client);
      }
      return clients;
    } catch (IOException e) {
      closeAll(clients);
      throw e;
    }
  }

  private static void closeAll(List<RawClient> clients) throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
  }
}
