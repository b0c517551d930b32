package io.gatehouse.auth.audit;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes the events of this process on, beside the lines of the audit log. As a logger, it is there
 * for all classes of the process; nobody wants events unless the process has said so.
 */
public final class AuditEvents {

  private static volatile @Nullable Consumer<AuditEvent> receiver;

  private AuditEvents() {}

  /** Whether anybody receives events. If not, none need to be made. */
  public static boolean areWanted() {
    return receiver != null;
  }

  /** Passes an event on. Never blocks. */
  public static void send(AuditEvent event) {
    Consumer<AuditEvent> to = receiver;
    if (to != null) {
      to.accept(event);
    }
  }

  /**
   * Sets the receiver of all later events.
   *
   * @param to must not block; null for none
   */
  public static void receive(@Nullable Consumer<AuditEvent> to) {
    receiver = to;
  }
}
