package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;

/** A producer that soon gives up, to see whether its session lives. */
record ProducingClient(KafkaProducer<String, String> producer, String topic)
    implements AutoCloseable {

  static ProducingClient of(Map<String, Object> login, String topic) {
    Map<String, Object> properties = new HashMap<>(login);
    properties.put("delivery.timeout.ms", "5000");
    properties.put("request.timeout.ms", "4000");
    properties.put("max.block.ms", "20000");
    return new ProducingClient(
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer()), topic);
  }

  void produce() throws Exception {
    try {
      producer.send(new ProducerRecord<>(topic, "one")).get(1, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** How many connections it has made so far. */
  double connections() {
    return producer.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("connection-creation-total"))
        .filter(metric -> metric.getKey().group().equals("producer-metrics"))
        .mapToDouble(metric -> (Double) metric.getValue().metricValue())
        .sum();
  }

  /** A producer tries to send until its time is up, but tells at once why it learns nothing. */
  void isRefused() {
    var record = producer.send(new ProducerRecord<>(topic, "one"));
    assertThatThrownBy(() -> producer.partitionsFor("a-topic-it-must-ask-for"))
        .isInstanceOf(SaslAuthenticationException.class);
    assertThatThrownBy(() -> record.get(1, TimeUnit.MINUTES))
        .isInstanceOf(ExecutionException.class);
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
