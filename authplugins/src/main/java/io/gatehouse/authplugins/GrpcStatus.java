package io.gatehouse.authplugins;

/** The status codes of gRPC, in the order of their numbers (0 to 16). */
public enum GrpcStatus {
  OK,
  CANCELLED,
  UNKNOWN,
  INVALID_ARGUMENT,
  DEADLINE_EXCEEDED,
  NOT_FOUND,
  ALREADY_EXISTS,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION,
  ABORTED,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  INTERNAL,
  UNAVAILABLE,
  DATA_LOSS,
  UNAUTHENTICATED;

  /** The status of a {@code grpc-status} header; UNKNOWN for a code that gRPC does not define. */
  static GrpcStatus of(String code) {
    for (GrpcStatus status : values()) {
      if (Integer.toString(status.ordinal()).equals(code)) {
        return status;
      }
    }
    return UNKNOWN;
  }

  /** The status that gRPC assigns to an HTTP answer without a {@code grpc-status}. */
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
