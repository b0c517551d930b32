package io.gatehouse.gateway.plan;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.jspecify.annotations.Nullable;

/**
 * Answers a request that the operator forbids with CLUSTER_AUTHORIZATION_FAILED: by topic,
 * partition or resource where the api reports errors so, as kafka-clients knows for each of its
 * requests. The only place where its message classes are used.
 */
final class ForbiddenApi implements Refusal {

  /** Loads what an answer needs, which takes long the first time, away from the event loops. */
  void prepare() {
    Thread.ofVirtual().name("prepare-refusals").start(ApiKeys.METADATA::latestVersion);
  }

  @Override
  public @Nullable ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) {
    int at = frame.readerIndex();
    short apiKey = frame.getShort(at + 4);
    short version = frame.getShort(at + 6);
    if (!ApiKeys.hasId(apiKey) || !ApiKeys.forId(apiKey).isVersionSupported(version)) {
      return null;
    }
    ApiKeys api = ApiKeys.forId(apiKey);
    AbstractResponse response = response(frame, api);
    if (response == null) {
      return null;
    }
    ByteBuffer bytes =
        RequestUtils.serialize(
            new ResponseHeaderData().setCorrelationId(frame.getInt(at + 8)),
            api.responseHeaderVersion(version),
            response.data(),
            version);
    return allocator
        .directBuffer(4 + bytes.remaining())
        .writeInt(bytes.remaining())
        .writeBytes(bytes);
  }

  private static @Nullable AbstractResponse response(ByteBuf frame, ApiKeys api) {
    ByteBuffer bytes = ByteBuffer.allocate(frame.readableBytes() - 4);
    frame.getBytes(frame.readerIndex() + 4, bytes);
    bytes.flip();
    try {
      RequestHeader header = RequestHeader.parse(bytes);
      AbstractRequest request =
          AbstractRequest.parseRequest(api, header.apiVersion(), new ByteBufferAccessor(bytes))
              .request;
      return request.getErrorResponse(
          0,
          new ClusterAuthorizationException(
              api.name + " (api key " + api.id + ") is forbidden by this gateway"));
    } catch (RuntimeException e) {
      return null; // not a request of this api: the caller hangs up
    }
  }
}
