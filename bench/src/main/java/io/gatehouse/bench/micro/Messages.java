package io.gatehouse.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Messages on the wire, after the correlation id. */
final class Messages {

  private static final int BROKERS = 3;
  private static final int FIRST_PORT = 9092;

  private Messages() {}

  /** A response with records in every partition. */
  static ByteBuf fetchResponse(int version, int partitions, int recordBytes) {
    FetchResponseData.FetchableTopicResponse topic =
        new FetchResponseData.FetchableTopicResponse().setTopicId(new Uuid(1, 2));
    for (int i = 0; i < partitions; i++) {
      topic
          .partitions()
          .add(
              new FetchResponseData.PartitionData()
                  .setPartitionIndex(i)
                  .setHighWatermark(100)
                  .setRecords(records(recordBytes)));
    }
    FetchResponseData data = new FetchResponseData();
    data.responses().add(topic);
    return response(data, (short) version);
  }

  /** A response with three brokers and these topics, each with one partition. */
  static ByteBuf metadataResponse(int version, int topics) {
    MetadataResponseData data = new MetadataResponseData().setClusterId("cluster");
    for (int i = 0; i < BROKERS; i++) {
      data.brokers()
          .add(
              new MetadataResponseData.MetadataResponseBroker()
                  .setNodeId(i)
                  .setHost("broker-" + i + ".example.com")
                  .setPort(FIRST_PORT + i));
    }
    for (int i = 0; i < topics; i++) {
      MetadataResponseData.MetadataResponseTopic topic =
          new MetadataResponseData.MetadataResponseTopic()
              .setName("topic-" + i)
              .setTopicId(new Uuid(1, i));
      topic
          .partitions()
          .add(
              new MetadataResponseData.MetadataResponsePartition()
                  .setLeaderId(i % BROKERS)
                  .setReplicaNodes(java.util.List.of(0, 1, 2))
                  .setIsrNodes(java.util.List.of(0, 1, 2)));
      data.topics().add(topic);
    }
    return response(data, (short) version);
  }

  /** A request with the client id and tags of its header. */
  static ByteBuf produceRequest(int version, int recordBytes) {
    ProduceRequestData data = new ProduceRequestData().setAcks((short) 1).setTimeoutMs(30_000);
    ProduceRequestData.TopicProduceData topic =
        new ProduceRequestData.TopicProduceData().setName("topic");
    topic
        .partitionData()
        .add(
            new ProduceRequestData.PartitionProduceData()
                .setIndex(0)
                .setRecords(records(recordBytes)));
    data.topicData().add(topic);
    byte[] clientId = {0, 4, 't', 'e', 's', 't', 0};
    return Unpooled.directBuffer().writeBytes(clientId).writeBytes(body(data, (short) version));
  }

  /** The response of a broker of this release, without its length. */
  static ByteBuf apiVersionsResponse(int version) {
    ApiVersionsResponseData data = new ApiVersionsResponseData();
    for (ApiKeys api : ApiKeys.clientApis()) {
      data.apiKeys()
          .add(
              new ApiVersionsResponseData.ApiVersion()
                  .setApiKey(api.id)
                  .setMinVersion(api.oldestVersion())
                  .setMaxVersion(api.latestVersion()));
    }
    return Unpooled.directBuffer().writeInt(1).writeBytes(body(data, (short) version));
  }

  private static MemoryRecords records(int bytes) {
    return MemoryRecords.withRecords(
        org.apache.kafka.common.compress.Compression.of(CompressionType.NONE).build(),
        new SimpleRecord(new byte[bytes]));
  }

  private static ByteBuf response(Message data, short version) {
    return Unpooled.directBuffer().writeByte(0).writeBytes(body(data, version));
  }

  private static ByteBuffer body(Message data, short version) {
    return MessageUtil.toByteBufferAccessor(data, version).buffer();
  }
}
