package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.wire.refuse.ErrorResponse;
import io.gatehouse.wire.refuse.NoResponse;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Answers a request with an error: by topic, partition, group or resource where the api reports
 * errors so.
 *
 * @param cause which error it is, also for the log and the metrics
 * @param reason what is said behind the api's name, where the api has a place for it
 */
public record ErrorRefusal(RefusalReason cause, String reason) implements Refusal {

  /** For what the operator forbids. */
  public static final ErrorRefusal FORBIDDEN =
      new ErrorRefusal(RefusalReason.FORBIDDEN_API, "is forbidden by this gateway");

  /**
   * For SASL of a client where the gateway itself is logged in at the broker, which would take it
   * for that login being renewed.
   */
  public static final ErrorRefusal NO_SASL =
      new ErrorRefusal(
          RefusalReason.SASL_OF_GATEWAY, "is not taken: this gateway logs in at the brokers");

  /**
   * For clients that did not say which broker they want. INVALID_REQUEST is not retried, and says
   * in clients' own words that the request reached a broker that cannot serve it.
   */
  public static final ErrorRefusal NO_SERVER_NAME =
      new ErrorRefusal(
          RefusalReason.NO_SERVER_NAME,
          "is refused: "
              + RefusalReason.NO_SERVER_NAME.text()
              + "; "
              + RefusalReason.NO_SERVER_NAME.advice());

  @Override
  public ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) throws NoResponse {
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    ErrorResponse response = ErrorResponse.to(apiKey, version);
    if (response == null) {
      throw new NoResponse("version " + version + " is not known to this gateway");
    }
    return response.write(
        frame,
        cause.code().number(),
        Schemas.get().apiName(apiKey) + " (api key " + apiKey + ") " + reason,
        allocator);
  }
}
