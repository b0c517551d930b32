package io.gatehouse.app.seeds;

import io.gatehouse.app.ProgramProcess;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Starts the program as in the documentation. */
final class Gatehouse {

  private static final String READY = "clients bootstrap at ([\\w.:, -]+)";

  private Gatehouse() {}

  /** With kafka-proxy's flags, and others that restrict it to loopback. */
  static ProgramProcess server(Page command, Map<String, String> environment) throws IOException {
    return ready(
        ProgramProcess.start(
            environment,
            command.and("--default-listener-ip 127.0.0.1 --http-disable").arguments()));
  }

  /** With kafka-proxy's flags and without variables. */
  static ProgramProcess server(Page command) throws IOException {
    return server(command, Map.of());
  }

  /**
   * With Conduktor's variables, and others that restrict it to loopback.
   *
   * @param port the first one
   */
  static ProgramProcess run(Page variables, int port, String... more) throws IOException {
    return ready(ProgramProcess.start(environment(variables, port, more), "run"));
  }

  /** What {@link #run} starts with. */
  static Map<String, String> environment(Page variables, int port, String... more) {
    Map<String, String> environment = new TreeMap<>(variables.variables());
    environment.put("GATEWAY_BIND_HOST", "127.0.0.1");
    environment.put("GATEWAY_ADVERTISED_HOST", "localhost");
    environment.put("GATEWAY_PORT_START", Integer.toString(port));
    environment.put("GATEHOUSE_HTTP_ENABLED", "false");
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }

  private static ProgramProcess ready(ProgramProcess program) {
    try {
      program.await(READY);
      return program;
    } catch (RuntimeException | AssertionError e) {
      program.close();
      throw new AssertionError(program.output(), e);
    }
  }
}
