package io.gatehouse.gateway.net;

import java.io.IOException;

/**
 * No socket can be opened, usually because the process has reached its limit of open files. Neither
 * the client nor a broker is to blame.
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
