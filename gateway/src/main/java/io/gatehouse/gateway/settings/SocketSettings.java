package io.gatehouse.gateway.settings;

import java.time.Duration;

/**
 * Options of the sockets on both sides, in force whatever runs inside them.
 *
 * @param client towards clients
 * @param broker towards brokers
 * @param backlog connections the kernel holds before they are accepted
 * @param eventLoops threads that move bytes; zero: one per processor
 */
public record SocketSettings(Side client, Side broker, int backlog, int eventLoops) {

  public static final SocketSettings DEFAULT =
      new SocketSettings(Side.DEFAULT, Side.DEFAULT, 1024, 0);

  /**
   * @param keepAlive period of TCP keep-alive probes; zero leaves keep-alive off
   * @param receiveBuffer SO_RCVBUF in bytes; zero leaves it to the system
   * @param sendBuffer SO_SNDBUF in bytes; zero leaves it to the system
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
