package io.gatehouse.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.Collection;

/**
 * Keeps Netty at INFO when everything is logged at DEBUG: its own lines, several for each
 * connection, would bury the gateway's. Who wants them names {@code io.netty}.
 */
final class NettyLevel {

  private static final String NETTY = "io.netty";

  /** Set in the context once somebody gave Netty's logger a level. */
  private static final String NAMED = "io.gatehouse.netty.named";

  private NettyLevel() {}

  /**
   * To be called after levels were set.
   *
   * @param named loggers whose level was set by name
   */
  static void follow(LoggerContext context, Collection<String> named) {
    if (named.contains(NETTY)) {
      context.putProperty(NAMED, "yes");
    }
    if (context.getProperty(NAMED) == null) {
      Level root = context.getLogger(Logger.ROOT_LOGGER_NAME).getLevel();
      context.getLogger(NETTY).setLevel(root.isGreaterOrEqual(Level.INFO) ? null : Level.INFO);
    }
  }
}
