package io.gatehouse.bench;

import io.gatehouse.testkit.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The memory of connections that are idle after one request. */
final class IdleConnections {

  private static final int WARM_UP = 200;
  private static final int COUNT = 2_000;

  private IdleConnections() {}

  /** The resident memory per connection of a new process of the target, in units of 1024 bytes. */
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
        RawClient client = target.bootstrap().open();
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
