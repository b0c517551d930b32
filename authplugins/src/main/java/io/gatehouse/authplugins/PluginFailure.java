package io.gatehouse.authplugins;

/** A plugin cannot be started, or a call of it failed. The message names it and holds no secret. */
public final class PluginFailure extends Exception {

  private static final long serialVersionUID = 1;

  private final GrpcStatus status;

  public PluginFailure(GrpcStatus status, String message) {
    super(message);
    this.status = status;
  }

  public PluginFailure(GrpcStatus status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** UNAVAILABLE when it does not run (now), or what it answered. */
  public GrpcStatus status() {
    return status;
  }
}
