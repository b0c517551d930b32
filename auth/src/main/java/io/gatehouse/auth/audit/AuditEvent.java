package io.gatehouse.auth.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event of the audit log.
 *
 * @param time when it happened
 * @param data what happened
 */
public record AuditEvent(Instant time, Subject subject, Data data) {

  /** The kinds of events, by which they can be selected. */
  public enum Type {
    AUTHENTICATION,
    CONNECTION,
    REST_API,
    SAFEGUARD
  }

  /**
   * Who has caused an event.
   *
   * @param principal the tenant of a client, or a user of the admin API; null if unknown
   * @param user null if unknown; after a failed login, the claimed name
   * @param local the address that the client connected to; null if unknown
   * @param remote the address of the client
   */
  public record Subject(
      @Nullable String principal, @Nullable String user, @Nullable String local, String remote) {}

  /** What happened. */
  public sealed interface Data {
    Type type();
  }

  /**
   * A login.
   *
   * @param failure why it failed; null for a success
   */
  public record Login(@Nullable String failure) implements Data {
    @Override
    public Type type() {
      return Type.AUTHENTICATION;
    }
  }

  /** A connection that was refused. */
  public record RefusedConnection(String reason) implements Data {
    @Override
    public Type type() {
      return Type.CONNECTION;
    }
  }

  /**
   * A request that a rule has refused.
   *
   * @param rule the name of the rule
   */
  public record RefusedRequest(String rule, String message) implements Data {
    @Override
    public Type type() {
      return Type.SAFEGUARD;
    }
  }

  /**
   * A call of the admin API.
   *
   * @param body without secrets; null if there is none
   * @param status of the response
   */
  public record Call(String method, String path, @Nullable String body, int status)
      implements Data {
    @Override
    public Type type() {
      return Type.REST_API;
    }
  }
}
