package io.gatehouse.gateway.net;

import java.io.IOException;

/**
 * The system gives this process no further socket, mostly because it has as many files and sockets
 * open as it may. It lies neither with the client nor with a broker.
 */
public final class OutOfDescriptorsException extends IOException {

  private static final long serialVersionUID = 1L;

  OutOfDescriptorsException(Throwable cause) {
    super(
        "no socket can be opened: "
            + cause.getMessage()
            + ". If too many files are open, raise the limit (ulimit -n, LimitNOFILE=)",
        cause);
  }
}
