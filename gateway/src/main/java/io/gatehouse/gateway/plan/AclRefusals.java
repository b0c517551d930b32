package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.access.Denials;
import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.metrics.AclMetrics;
import io.gatehouse.gateway.net.LogRateLimit;
import io.gatehouse.gateway.tenant.Tenant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what clients want to do and may not. Thread-safe. */
public final class AclRefusals {

  private static final Logger log = LoggerFactory.getLogger("io.gatehouse.gateway.acls");

  /** How much of a name is logged. */
  private static final int SHOWN = 300;

  /** By type and operation, so that what is refused often does not hide the rest. */
  private static final LogRateLimit[][] LIMITS =
      new LogRateLimit[ResourceType.values().length][Operation.values().length];

  static {
    for (LogRateLimit[] ofType : LIMITS) {
      for (int i = 0; i < ofType.length; i++) {
        ofType[i] = new LogRateLimit();
      }
    }
  }

  private AclRefusals() {}

  /** Counts and logs what a client who sees these topics may not do. */
  public static Denials of(Caller caller, VisibleTopics topics) {
    Tenant tenant = topics.tenant();
    String name = tenant == null ? null : tenant.name();
    return (right, resource) -> refused(caller, name, right.operation(), right.type(), resource);
  }

  /**
   * A client misses a right.
   *
   * @param caller with rights
   * @param tenant the name of its virtual cluster; null for passthrough
   * @param name the resource; null for the cluster, or for any resource of the type
   */
  public static void refused(
      Caller caller,
      @Nullable String tenant,
      Operation operation,
      ResourceType type,
      @Nullable String name) {
    AclMetrics.denied(tenant, operation, type);
    int left = LIMITS[type.ordinal()][operation.ordinal()].permit(System.nanoTime());
    if (left < 0 || !log.isInfoEnabled()) {
      return;
    }
    Caller.Access access = Objects.requireNonNull(caller.access());
    AclCaller rights = access.rights();
    String resource = type == ResourceType.CLUSTER ? ResourceType.CLUSTER_NAME : name;
    io.gatehouse.gateway.acl.Decision decision =
        resource == null
            ? rights.authorizeAny(operation, type)
            : rights.authorize(operation, type, resource);
    log.info(
        "User:{} at {}{}: {} on {} is {}{}",
        cut(caller.user().name()),
        access.host(),
        tenant == null ? "" : " in the virtual cluster " + tenant,
        operation,
        resource == null ? "any " + type : type + " " + cut(resource),
        cut(decision.toString()),
        LogRateLimit.suffix(left));
  }

  private static String cut(String text) {
    String shown = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    // Clients choose names, which could forge lines.
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
