package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.wire.refuse.ErrorResponse;
import io.gatehouse.wire.refuse.NoResponse;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Answers a request with an error, for each topic, partition, group or resource if the API reports
 * errors that way.
 *
 * @param cause the error, also for the log and the metrics
 * @param reason the error message after the name of the API, if the API has an error message
 */
public record ErrorRefusal(RefusalReason cause, String reason) implements Refusal {

  /** For APIs that the operator forbids. */
  public static final ErrorRefusal FORBIDDEN =
      new ErrorRefusal(RefusalReason.FORBIDDEN_API, "is forbidden by this gateway");

  /**
   * For SASL requests of a client where the gateway has logged in at the broker itself: the broker
   * would take them for a re-authentication of that login.
   */
  public static final ErrorRefusal NO_SASL =
      new ErrorRefusal(
          RefusalReason.SASL_OF_GATEWAY, "is not accepted: this gateway logs in at the brokers");

  /**
   * For clients that did not say which broker they want (no server name). Clients do not retry
   * INVALID_REQUEST, and their own text for it says that the request reached a broker that cannot
   * serve it.
   */
  public static final ErrorRefusal NO_SERVER_NAME =
      new ErrorRefusal(
          RefusalReason.NO_SERVER_NAME,
          "is refused: "
              + RefusalReason.NO_SERVER_NAME.text()
              + "; "
              + RefusalReason.NO_SERVER_NAME.advice());

  /** For requests about access rules where there are none. */
  public static final ErrorRefusal NO_ACLS =
      new ErrorRefusal(RefusalReason.NO_ACLS, "is refused: " + RefusalReason.NO_ACLS.text());

  /** For transactional producers without the right on their transactional id. */
  public static final ErrorRefusal TRANSACTIONAL_ID =
      new ErrorRefusal(
          RefusalReason.TRANSACTIONAL_ID_DENIED,
          "is refused: " + RefusalReason.TRANSACTIONAL_ID_DENIED.text());

  @Override
  public ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) throws NoResponse {
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    ErrorResponse response = ErrorResponse.to(apiKey, version);
    if (response == null) {
      throw new NoResponse("version " + version + " is not supported by this gateway");
    }
    return response.write(
        frame,
        cause.code().number(),
        Schemas.get().apiName(apiKey) + " (api key " + apiKey + ") " + reason,
        allocator);
  }
}
