package io.gatehouse.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.Collection;

/**
 * Keeps Netty's loggers at INFO when the root level is DEBUG or lower, because Netty logs several
 * lines for each connection. A level for {@code io.netty} overrides this.
 */
final class NettyLevel {

  private static final String NETTY = "io.netty";

  /** The property that marks that Netty's logger has an explicit level. */
  private static final String NAMED = "io.gatehouse.netty.named";

  private NettyLevel() {}

  /**
   * Must be called after levels were changed.
   *
   * @param named loggers with an explicit level
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
