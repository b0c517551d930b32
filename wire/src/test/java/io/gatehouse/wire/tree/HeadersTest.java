package io.gatehouse.wire.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HeadersTest {

  @ParameterizedTest
  @EnumSource(ApiMessageType.class)
  void theVersionsAreKafkas(ApiMessageType api) {
    for (short version : versions(api)) {
      assertThat(Headers.requestVersion(api.apiKey(), version))
          .as("request v%s", version)
          .isEqualTo(api.requestHeaderVersion(version));
      assertThat(Headers.responseVersion(api.apiKey(), version))
          .as("response v%s", version)
          .isEqualTo(api.responseHeaderVersion(version));
    }
  }

  @ParameterizedTest
  @EnumSource(ApiMessageType.class)
  void kafkaReadsTheRequestHeadersWrittenHere(ApiMessageType api) {
    for (short version : versions(api)) {
      for (@Nullable String clientId : clientIds()) {
        Struct header = Headers.request(api.apiKey(), version, 77, clientId);

        RequestHeader theirs = RequestHeader.parse(ByteBuffer.wrap(bytes(header)));

        assertThat(theirs.apiKey()).isEqualTo(ApiKeys.forId(api.apiKey()));
        assertThat(theirs.apiVersion()).isEqualTo(version);
        assertThat(theirs.correlationId()).isEqualTo(77);
        // Kafka replaces null by the empty text here.
        assertThat(theirs.clientId()).isEqualTo(clientId == null ? "" : clientId);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ApiMessageType.class)
  void theRequestHeadersOfKafkaAreReadHere(ApiMessageType api) {
    for (short version : versions(api)) {
      for (@Nullable String clientId : clientIds()) {
        RequestHeaderData theirs =
            new RequestHeaderData()
                .setRequestApiKey(api.apiKey())
                .setRequestApiVersion(version)
                .setCorrelationId(-5)
                .setClientId(clientId);
        ByteBuf in =
            Unpooled.wrappedBuffer(Oracle.write(theirs, api.requestHeaderVersion(version)));

        Struct header = Headers.readRequest(in);

        assertThat(in.isReadable()).isFalse();
        assertThat(header.getInt("RequestApiKey")).isEqualTo(api.apiKey());
        assertThat(header.getInt("RequestApiVersion")).isEqualTo(version);
        assertThat(header.getInt("CorrelationId")).isEqualTo(-5);
        assertThat(header.getStringOrNull("ClientId")).isEqualTo(clientId);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ApiMessageType.class)
  void responseHeadersGoBothWays(ApiMessageType api) {
    for (short version : versions(api)) {
      byte[] bytes = bytes(Headers.response(api.apiKey(), version, 123456789));

      short headerVersion = api.responseHeaderVersion(version);
      ResponseHeader theirs = ResponseHeader.parse(ByteBuffer.wrap(bytes), headerVersion);
      Struct ours = Headers.readResponse(api.apiKey(), version, Unpooled.wrappedBuffer(bytes));

      assertThat(theirs.correlationId()).isEqualTo(123456789);
      assertThat(bytes).hasSize(theirs.size());
      assertThat(ours.getInt("CorrelationId")).isEqualTo(123456789);
    }
  }

  @Test
  void theFirstControlledShutdownHasNoClientId() {
    Struct header = Headers.request(7, 0, 1, "ignored");

    assertThat(bytes(header)).containsExactly(0, 7, 0, 0, 0, 0, 0, 1);
    assertThat(Headers.readRequest(Unpooled.wrappedBuffer(bytes(header)))).isEqualTo(header);
  }

  @Test
  void anUnknownApiIsReadUpToItsClientId() {
    byte[] bytes = {3, (byte) 0xe7, 0, 1, 0, 0, 0, 9, 0, 2, 'm', 'e', 42};
    ByteBuf in = Unpooled.wrappedBuffer(bytes);

    Struct header = Headers.readRequest(in);

    assertThat(header.getInt("RequestApiKey")).isEqualTo(999);
    assertThat(header.getString("ClientId")).isEqualTo("me");
    assertThat(in.readableBytes()).isEqualTo(1);
  }

  @Test
  void aHeaderCutShortIsRefusedWhereverItIsCut() {
    byte[] bytes = bytes(Headers.request(ApiKeys.FETCH.id, 12, 1, "client"));

    for (int length = 0; length < bytes.length; length++) {
      ByteBuf cut = Unpooled.wrappedBuffer(bytes, 0, length);
      assertThatThrownBy(() -> Headers.readRequest(cut))
          .as("%s bytes", length)
          .isInstanceOf(MalformedMessage.class)
          .hasMessageContaining("RequestHeader");
    }
  }

  private static List<Short> versions(ApiMessageType api) {
    return IntStream.rangeClosed(api.lowestSupportedVersion(), api.highestSupportedVersion(true))
        .mapToObj(version -> (short) version)
        .toList();
  }

  private static @Nullable String[] clientIds() {
    return new @Nullable String[] {null, "", "clië-1"};
  }

  private static byte[] bytes(Struct struct) {
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(struct, out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }
}
