package io.gatehouse.gateway.access;

import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a request may be sent. */
sealed interface Verdict {

  Verdict ALLOWED = new Allowed();

  /** It may be sent as it is. */
  record Allowed() implements Verdict {}

  /** It must not be sent. */
  record Refused(int errorCode) implements Verdict {}

  /**
   * A part of it must not be sent.
   *
   * @param rest the request without that part; null if nothing is to be sent
   * @param denied that part
   * @param granted the topics for which the request was granted room, by their names at the brokers
   */
  record Partly(
      @Nullable Struct rest, Map<DeniedElements.Failure, Struct> denied, Set<String> granted)
      implements Verdict {

    Partly(@Nullable Struct rest, Map<DeniedElements.Failure, Struct> denied) {
      this(rest, denied, Set.of());
    }
  }

  /** It is to be sent in this form. */
  record Changed(Struct request) implements Verdict {}

  /** This is known when the names of topics are, which the cluster is asked for. */
  record Later(Future<Void> resolved) implements Verdict {}
}
