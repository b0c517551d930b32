package io.gatehouse.gateway.settings;

/**
 * What one process, address or connection may take. Zero means no limit where that is said.
 *
 * @param frameBytes largest request a client may send; Kafka's own default is 100 MiB
 * @param connections client connections of the process; zero for no limit
 * @param connectionsPerAddress client connections of one remote address; zero for no limit
 * @param inFlightRequests requests of one connection that wait for an answer; beyond it the client
 *     is not read from
 * @param bufferedBytes bytes held in memory, of requests and responses: for peers that are slow to
 *     take them and of frames that must be seen whole. When they are spent, each further slow
 *     connection holds one small read, about 16 KiB
 * @param incompleteBytes bytes of requests that were announced to brokers and have not all come; a
 *     broker reserves them, so a further large request waits for its turn
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

  /** With other bytes held in memory. */
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
