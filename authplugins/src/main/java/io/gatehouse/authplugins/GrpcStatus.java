package io.gatehouse.authplugins;

/** How a gRPC call ended, by its codes. */
public enum GrpcStatus {
  OK(0),
  CANCELLED(1),
  UNKNOWN(2),
  INVALID_ARGUMENT(3),
  DEADLINE_EXCEEDED(4),
  NOT_FOUND(5),
  ALREADY_EXISTS(6),
  PERMISSION_DENIED(7),
  RESOURCE_EXHAUSTED(8),
  FAILED_PRECONDITION(9),
  ABORTED(10),
  OUT_OF_RANGE(11),
  UNIMPLEMENTED(12),
  INTERNAL(13),
  UNAVAILABLE(14),
  DATA_LOSS(15),
  UNAUTHENTICATED(16);

  private final int code;

  GrpcStatus(int code) {
    this.code = code;
  }

  /** The status of a {@code grpc-status} header; UNKNOWN when there is none of this code. */
  static GrpcStatus of(String code) {
    for (GrpcStatus status : values()) {
      if (Integer.toString(status.code).equals(code)) {
        return status;
      }
    }
    return UNKNOWN;
  }

  /** What an answer of HTTP without a gRPC status means. */
  static GrpcStatus ofHttp(String status) {
    return switch (status) {
      case "400" -> INTERNAL;
      case "401" -> UNAUTHENTICATED;
      case "403" -> PERMISSION_DENIED;
      case "404" -> UNIMPLEMENTED;
      case "429", "502", "503", "504" -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }
}
