package io.gatehouse.authplugins;

import org.jspecify.annotations.Nullable;

/**
 * A plugin cannot be started, or a call of it failed. The message names the plugin and holds no
 * secret.
 */
public final class PluginFailure extends Exception {

  private static final long serialVersionUID = 1;

  private final GrpcStatus status;

  public PluginFailure(GrpcStatus status, String message) {
    this(status, message, null);
  }

  public PluginFailure(GrpcStatus status, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /**
   * UNAVAILABLE when the plugin does not run at the moment, otherwise the status that it answered.
   */
  public GrpcStatus status() {
    return status;
  }
}
