package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogRecordTest {

  private static @Nullable Resource interceptor(String config, Form form) {
    String text =
        """
        {"kind": "Interceptor", "apiVersion": "gateway/v2", "metadata": {"name": "a"},
         "spec": {"pluginClass": "a.B", "priority": 1, "config": {"a": %s}}}
        """
            .formatted(config);
    try {
      return Stored.read(Document.read(text.getBytes(UTF_8), form));
    } catch (MalformedException | InvalidException e) {
      return null;
    }
  }

  /** Numbers and lists around the limits. */
  private static List<String> configs() {
    List<String> configs = new ArrayList<>();
    for (int i = 90; i < 110; i++) {
      for (String number : List.of("%s", "-%s", ".%s", "-.%s", "%s.", "0.%s", "1e%s")) {
        configs.add(number.formatted("9".repeat(i)));
      }
    }
    for (int i = 20; i < 40; i++) {
      configs.add("[".repeat(i) + "]".repeat(i));
      configs.add("[".repeat(i) + "1" + "]".repeat(i));
    }
    return configs;
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void whatIsAcceptedCanBeReadBack(Form form) throws Exception {
    int accepted = 0;
    for (String config : configs()) {
      Resource resource = interceptor(config, form);
      if (resource == null) {
        continue;
      }
      accepted++;
      LogRecord read =
          LogRecord.decode(
              LogRecord.encode(
                  Instant.EPOCH,
                  new LogWriter.Draft(
                      0, List.of(LogRecord.put(resource)), List.of(), List.of("\"\""))));
      assertThat(read.problems()).as(config).isEmpty();
      assertThat(read.change().puts()).as(config).containsExactly(resource);
    }
    assertThat(accepted).isBetween(50, 200);
  }

  @Test
  void theFirstTombstoneThatFailsIsTheLastOne() {
    List<String> sent = new ArrayList<>();
    try (var producer =
        new MockProducer<byte[], byte[]>(
            true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized CompletableFuture<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> record, Callback callback) {
            sent.add(new String(record.key(), UTF_8));
            if (sent.size() == 2) {
              callback.onCompletion(null, new TimeoutException("no metadata"));
            }
            return new CompletableFuture<>();
          }
        }) {
      LogWriter.sendTombstones(producer, "topic", Stream.of("a", "b", "c", "d").toList());
    }
    assertThat(sent).containsExactly("a", "b");
  }
}
