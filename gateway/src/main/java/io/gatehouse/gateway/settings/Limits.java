package io.gatehouse.gateway.settings;

/**
 * Resource limits of the process, of an address and of a connection.
 *
 * @param frameBytes maximum size of a request; Kafka's default is 100 MiB
 * @param connections maximum client connections of the process; zero for no limit
 * @param connectionsPerAddress maximum client connections of a remote address; zero for no limit
 * @param inFlightRequests maximum requests of a connection without a response; beyond it the client
 *     is not read from
 * @param bufferedBytes maximum bytes of requests and responses in memory: data that slow peers have
 *     not taken, and frames that are buffered whole. When it is reached, each further slow
 *     connection holds one small read, about 16 KiB
 * @param incompleteBytes maximum bytes of requests that were announced to brokers and have not
 *     arrived; brokers allocate them, so further large requests wait
 */
public record Limits(
    int frameBytes,
    int connections,
    int connectionsPerAddress,
    int inFlightRequests,
    long bufferedBytes,
    long incompleteBytes) {

  public static final Limits DEFAULT = new Limits(100 << 20, 0, 0, 1024, 64L << 20, 512L << 20);

  public Limits {
    check("the largest frame", frameBytes, 1024);
    check("the number of connections", connections, 0);
    check("the number of connections per address", connectionsPerAddress, 0);
    check("the number of requests in flight", inFlightRequests, 1);
    check("the buffered bytes", bufferedBytes, 1 << 20);
    check("the bytes of incomplete requests", incompleteBytes, frameBytes);
  }

  /** The largest request, in bytes, that is buffered whole: half of the buffered bytes at most. */
  public int mostWhole() {
    return (int) Math.min(frameBytes, bufferedBytes / 2);
  }

  /** A copy with another limit of buffered bytes. */
  public Limits withBufferedBytes(long bytes) {
    return new Limits(
        frameBytes, connections, connectionsPerAddress, inFlightRequests, bytes, incompleteBytes);
  }

  private static void check(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          what + " is " + value + ", and must be " + least + " or more");
    }
  }
}
