package io.gatehouse.gateway.plan;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * An error that the gateway answers instead of a broker. Where an api reports errors by topic,
 * partition or resource, so does the answer: kafka-clients knows how for each of its requests.
 */
public enum Refusal {
  /** The operator forbids this api. */
  FORBIDDEN {
    @Override
    ApiException error(ApiKeys api) {
      return new ClusterAuthorizationException(
          api.name + " (api key " + api.id + ") is forbidden by this gateway");
    }
  },
  /** The client asks for ApiVersions in a version that this gateway does not know (KIP-511). */
  NEWER_API_VERSIONS {
    @Override
    ApiException error(ApiKeys api) {
      return new UnsupportedVersionException("this gateway does not know the version asked for");
    }
  };

  abstract ApiException error(ApiKeys api);

  /**
   * Writes the response to a request, as a whole frame.
   *
   * @param frame the request with its length; not released here
   * @return null where no response can be made: the api or version is unknown to kafka-clients, or
   *     the request cannot be read, or it asks for no answer
   */
  public @Nullable ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) {
    int at = frame.readerIndex();
    short apiKey = frame.getShort(at + 4);
    short version = frame.getShort(at + 6);
    int correlationId = frame.getInt(at + 8);
    if (!ApiKeys.hasId(apiKey)) {
      return null;
    }
    ApiKeys api = ApiKeys.forId(apiKey);
    AbstractResponse response;
    short answered;
    if (this == NEWER_API_VERSIONS) {
      answered = 0;
      response = new ApiVersionsRequest.Builder().build().getErrorResponse(0, error(api));
    } else if (api.isVersionSupported(version)) {
      answered = version;
      response = forRequest(frame, api);
    } else {
      return null;
    }
    if (response == null) {
      return null;
    }
    ByteBuffer body =
        org.apache.kafka.common.requests.RequestUtils.serialize(
            new ResponseHeaderData().setCorrelationId(correlationId),
            api.responseHeaderVersion(answered),
            response.data(),
            answered);
    ByteBuf out = allocator.directBuffer(4 + body.remaining());
    return out.writeInt(body.remaining()).writeBytes(body);
  }

  private @Nullable AbstractResponse forRequest(ByteBuf frame, ApiKeys api) {
    ByteBuffer bytes = ByteBuffer.allocate(frame.readableBytes() - 4);
    frame.getBytes(frame.readerIndex() + 4, bytes);
    bytes.flip();
    try {
      RequestHeader header = RequestHeader.parse(bytes);
      AbstractRequest request =
          AbstractRequest.parseRequest(api, header.apiVersion(), new ByteBufferAccessor(bytes))
              .request;
      return request.getErrorResponse(0, error(api));
    } catch (RuntimeException e) {
      return null; // not a request of this api: the caller hangs up
    }
  }
}
