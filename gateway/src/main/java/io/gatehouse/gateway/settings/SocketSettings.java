package io.gatehouse.gateway.settings;

import java.time.Duration;

/**
 * Socket options and event loops.
 *
 * @param client options of client connections
 * @param broker options of broker connections
 * @param backlog maximum connections in the kernel's accept queue
 * @param eventLoops number of event loops; 0 for one per processor
 */
public record SocketSettings(Side client, Side broker, int backlog, int eventLoops) {

  public static final SocketSettings DEFAULT =
      new SocketSettings(Side.DEFAULT, Side.DEFAULT, 1024, 0);

  /**
   * Options of one side's sockets.
   *
   * @param keepAlive interval of TCP keep-alive probes; zero for none
   * @param receiveBuffer SO_RCVBUF in bytes; 0 for the system's default
   * @param sendBuffer SO_SNDBUF in bytes; 0 for the system's default
   */
  public record Side(Duration keepAlive, int receiveBuffer, int sendBuffer) {
    public static final Side DEFAULT = new Side(Duration.ofSeconds(60), 0, 0);

    public Side {
      if (keepAlive.isNegative() || receiveBuffer < 0 || sendBuffer < 0) {
        throw new IllegalArgumentException("a socket option is negative");
      }
    }
  }

  public SocketSettings {
    if (backlog < 1 || eventLoops < 0) {
      throw new IllegalArgumentException("the backlog or the number of event loops is too small");
    }
  }
}
