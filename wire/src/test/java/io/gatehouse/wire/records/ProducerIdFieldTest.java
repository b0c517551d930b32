package io.gatehouse.wire.records;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Batches of Kafka's own classes, which also check the result. */
class ProducerIdFieldTest {

  @Test
  void kafkaFindsTheNewIdAndAValidChecksum() {
    Random random = new Random(1);
    for (int bytes = 0; bytes < 70_000; bytes = 1 + bytes * 3 / 2) {
      long id = random.nextLong(Long.MAX_VALUE);
      long other = random.nextLong(Long.MAX_VALUE);
      MemoryRecords records = idempotent(id, bytes, random);
      ByteBuf in = Unpooled.wrappedBuffer(records.buffer().duplicate());

      assertThat(ProducerIdField.exists(in, 0)).isTrue();
      assertThat(ProducerIdField.batchBytes(in, 0)).isEqualTo(records.sizeInBytes());
      assertThat(ProducerIdField.ofIdempotent(in, 0)).isEqualTo(id);
      ProducerIdField.replace(in, 0, other);

      RecordBatch batch = records.batches().iterator().next();
      batch.ensureValid();
      assertThat(batch.producerId()).isEqualTo(other);
      assertThat(batch.producerEpoch()).isEqualTo((short) 3);
      assertThat(batch.baseSequence()).isEqualTo(17);
      assertThat(batch.iterator().next().valueSize()).isEqualTo(bytes);
    }
  }

  @Test
  void aWrongChecksumStaysWrong() {
    MemoryRecords records = idempotent(5, 100, new Random(2));
    ByteBuf in = Unpooled.wrappedBuffer(records.buffer().duplicate());
    in.setByte(in.writerIndex() - 1, in.getByte(in.writerIndex() - 1) ^ 1);
    ProducerIdField.replace(in, 0, 6);
    assertThat(records.batches().iterator().next().isValid()).isFalse();
  }

  @Test
  void transactionsAndOldFormatsHaveNone() {
    MemoryRecords transactional =
        MemoryRecords.withTransactionalRecords(
            Compression.NONE, 5, (short) 0, 0, new SimpleRecord("a".getBytes(UTF_8)));
    ByteBuf in = Unpooled.wrappedBuffer(transactional.buffer().duplicate());
    assertThat(ProducerIdField.ofIdempotent(in, 0)).isNegative();
    ByteBuffer old =
        MemoryRecords.withRecords((byte) 1, Compression.NONE, new SimpleRecord("a".getBytes(UTF_8)))
            .buffer();
    assertThat(ProducerIdField.exists(Unpooled.wrappedBuffer(old), 0)).isFalse();
  }

  private static MemoryRecords idempotent(long id, int bytes, Random random) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return MemoryRecords.withIdempotentRecords(
        Compression.NONE, id, (short) 3, 17, new SimpleRecord(value));
  }
}
