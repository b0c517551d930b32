package io.gatehouse.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.AwsAccount;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MskIamIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int SASL_HANDSHAKE = 17;
  private static final int API_VERSIONS = 18;
  private static final int SASL_AUTHENTICATE = 36;

  @Test
  void brokerVerifiesSignatures() throws Exception {
    Authority ca = Authority.create("Test CA");
    AwsAccount alice =
        new AwsAccount(
            "arn:aws:iam::1:user/alice", "AKID", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    try (KafkaCluster cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(Listener.saslSsl("IAM", ca.server()).mskIam("eu-west-1", alice))
            .start()) {
      int port = cluster.broker(0).port("IAM");
      String good = logIn(port, ca, message(_ -> {}, _ -> {}));
      assertThat(good).contains("\"version\":\"2020_10_22\"").contains("\"request-id\":\"");
      assertThat(cluster.principalsSeen("IAM")).containsExactly("User:arn:aws:iam::1:user/alice");
      String bad = logIn(port, ca, message(_ -> {}, fields -> fields.put("x-amz-signature", "0")));
      assertThat(bad).contains("Access denied: wrong signature");
      assertThat(cluster.principalsSeen()).hasSize(1);
    }
  }

  private static byte[] message(
      Consumer<Map<String, String>> change, Consumer<Map<String, String>> tamper) {
    String now =
        DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    return MskIamLoginTest.signed(
        fields -> {
          fields.put("x-amz-date", now);
          fields.put(
              "x-amz-credential",
              "AKID/" + now.substring(0, 8) + "/eu-west-1/kafka-cluster/aws4_request");
          change.accept(fields);
        },
        tamper);
  }

  /** Returns the server's response or error message; sends a request after a successful login. */
  private static String logIn(int port, Authority ca, byte[] message) throws Exception {
    try (RawClient client = RawTls.to("localhost", port).trust(ca).connect()) {
      byte[] mechanism = "AWS_MSK_IAM".getBytes(StandardCharsets.UTF_8);
      client.request(
          RawClient.Header.V1,
          SASL_HANDSHAKE,
          1,
          ByteBuffer.allocate(2 + mechanism.length)
              .putShort((short) mechanism.length)
              .put(mechanism)
              .array());
      ByteBuffer handshake = ByteBuffer.wrap(client.readFrame(LIMIT));
      assertThat(handshake.getShort(4)).isZero();
      client.request(
          RawClient.Header.V1,
          SASL_AUTHENTICATE,
          0,
          ByteBuffer.allocate(4 + message.length).putInt(message.length).put(message).array());
      ByteBuffer answer = ByteBuffer.wrap(client.readFrame(LIMIT));
      answer.getInt();
      short error = answer.getShort();
      short length = answer.getShort();
      if (error != 0) {
        byte[] text = new byte[length];
        answer.get(text);
        return new String(text, StandardCharsets.UTF_8);
      }
      byte[] bytes = new byte[answer.getInt()];
      answer.get(bytes);
      client.request(RawClient.Header.V1, API_VERSIONS, 0, new byte[0]);
      assertThat(client.readFrame(LIMIT)).isNotEmpty();
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
