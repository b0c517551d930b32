package io.gatehouse.gateway.access;

import io.gatehouse.gateway.metrics.TenantMetrics;
import io.gatehouse.gateway.metrics.TenantMetrics.Limit;
import io.gatehouse.gateway.net.LogRateLimit;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what the limits of virtual clusters do not allow. Thread-safe. */
final class LimitRefusals {

  private static final Logger log = LoggerFactory.getLogger("io.gatehouse.gateway.limits");

  /** How much of a name is logged. */
  private static final int SHOWN = 300;

  /** By limit, so that what is refused often does not hide the rest. */
  private static final Map<Limit, LogRateLimit> LIMITS = new EnumMap<>(Limit.class);

  static {
    for (Limit limit : Limit.values()) {
      LIMITS.put(limit, new LogRateLimit());
    }
  }

  private LimitRefusals() {}

  /**
   * A topic is refused.
   *
   * @param why the limit and what there is, as a clause about the virtual cluster
   */
  static void refused(String virtualCluster, Limit limit, String topic, String why) {
    TenantMetrics.refused(virtualCluster, limit);
    LogRateLimit rate = LIMITS.get(limit);
    int left = rate == null ? 0 : rate.permit(System.nanoTime());
    if (left >= 0) {
      String shown = topic.length() <= SHOWN ? topic : topic.substring(0, SHOWN) + "...";
      log.info(
          "The topic {} of the virtual cluster {} exceeds limits.{}: {}{}",
          shown.replaceAll("\\p{Cntrl}", "?"), // clients choose names, which could forge lines
          virtualCluster,
          limit,
          why,
          LogRateLimit.suffix(left));
    }
  }
}
