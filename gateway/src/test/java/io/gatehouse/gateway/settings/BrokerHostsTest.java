package io.gatehouse.gateway.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.settings.BrokerHosts.Verdict;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerHostsTest {

  private static BrokerHosts around(String hosts) {
    return BrokerHosts.inferFrom(
        Arrays.stream(hosts.split(" ", -1)).map(host -> new HostPort(host, 9092)).toList());
  }

  @ParameterizedTest
  @CsvSource({
    // Amazon MSK, also serverless and in China
    "b-1.orders.a1b2c3.c2.kafka.us-east-1.amazonaws.com,"
        + " b-2.orders.a1b2c3.c2.kafka.us-east-1.amazonaws.com, ALLOWED",
    "boot-x1.c1.kafka-serverless.eu-west-1.amazonaws.com,"
        + " b7-x1.c3.kafka-serverless.eu-west-1.amazonaws.com, ALLOWED",
    "b-1.o.a1.c2.kafka.cn-north-1.amazonaws.com.cn, b-2.o.a1.c2.kafka.cn-north-1.amazonaws.com.cn,"
        + " ALLOWED",
    "b-1.orders.a1b2c3.c2.kafka.us-east-1.amazonaws.com, ec2-3-4-5-6.compute-1.amazonaws.com,"
        + " REFUSED",
    // Confluent Cloud
    "pkc-4r087.us-west2.gcp.confluent.cloud, b0-pkc-4r087.us-west2.gcp.confluent.cloud, ALLOWED",
    "lkc-1.dom2.us-east-1.aws.confluent.cloud, e-00.use1-az1.dom2.us-east-1.aws.confluent.cloud,"
        + " ALLOWED",
    // Kubernetes: Strimzi and headless services, with and without the cluster's domain
    "my-kafka-bootstrap.kafka.svc, my-kafka-0.my-kafka-brokers.kafka.svc, ALLOWED",
    "my-kafka-bootstrap.kafka.svc, my-kafka-0.my-kafka-brokers.kafka.svc.cluster.local, ALLOWED",
    "my-kafka-bootstrap.kafka.svc.cluster.local, my-kafka-0.my-kafka-brokers.kafka.svc, ALLOWED",
    "my-kafka-bootstrap.kafka.svc.corp.example, kafka-0.brokers.kafka.svc.corp.example, ALLOWED",
    "my-kafka-bootstrap.kafka.svc, kafka-0.brokers.other.svc, REFUSED",
    "my-kafka-bootstrap.kafka.svc, kafka-0.kafka.svc.evil.com, REFUSED",
    "my-kafka-bootstrap.kafka, kafka-0.kafka-headless.kafka.svc.cluster.local, UNCERTAIN",
    "my-kafka, kafka-0.kafka-headless.kafka.svc.cluster.local, UNCERTAIN",
    // own domains
    "kafka.example.com, broker1.dc1.example.com, ALLOWED",
    "kafka.dc1.example.com, broker1.dc2.example.com, ALLOWED",
    "Kafka.Example.com., broker1.example.COM., ALLOWED",
    "kafka.example.com, example.com.evil.org, REFUSED",
    "kafka.example.com, evilexample.com, REFUSED",
    "kafka.example.com, broker.evil.org, REFUSED",
    "kafka.shop.co.uk, b1.shop.co.uk, ALLOWED",
    "kafka.shop.co.uk, b1.evil.co.uk, REFUSED",
    "kafka.sap.de, b1.sap.de, ALLOWED",
    "kafka.example.com, broker1, UNCERTAIN",
    "kafka.example.com, 10.1.2.3, UNCERTAIN",
    "kafka.example.com other.example.org, broker.example.org, ALLOWED",
    // names of cloud load balancers do not reveal the brokers' domain
    "lb-1.elb.us-east-1.amazonaws.com, ip-10-0-0-1.ec2.internal, UNCERTAIN",
    "example.com, broker.example.com, UNCERTAIN",
    // docker
    "kafka1, kafka2, ALLOWED",
    "kafka1, broker.example.com, UNCERTAIN",
    "kafka1 localhost, broker.example.com, UNCERTAIN",
    // addresses
    "10.0.0.5, 10.9.9.9, ALLOWED",
    "10.0.0.5, 172.20.1.1, ALLOWED",
    "10.0.0.5, 52.1.2.3, REFUSED",
    "10.0.0.5, 169.254.169.254, REFUSED",
    "10.0.0.5, 127.0.0.1, REFUSED",
    "10.0.0.5, broker1.example.com, BY_ADDRESS",
    "fd00::1, fd00::2, ALLOWED",
    "52.1.2.3, 52.1.9.9, ALLOWED",
    "52.1.2.3, 3.4.5.6, UNCERTAIN",
    "52.1.2.3, broker1.example.com, UNCERTAIN",
    // this machine
    "127.0.0.1, 127.0.0.2, ALLOWED",
    "127.0.0.1, localhost, ALLOWED",
    "localhost, ::1, ALLOWED",
    "localhost, 10.255.255.254, REFUSED",
    "localhost, broker1.example.com, BY_ADDRESS",
  })
  void areInferredFromTheBootstrapServers(String bootstrap, String broker, Verdict verdict) {
    assertThat(around(bootstrap).verdict(broker)).isEqualTo(verdict);
  }

  @Test
  void aNameThatResolvesToThisMachineIsLocal() throws Exception {
    assertThat(around("localhost").contains(InetAddress.getByName("127.0.0.9"))).isTrue();
    assertThat(around("localhost").contains(InetAddress.getByName("10.255.255.254"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "*.kafka.example.com, b1.kafka.example.com, ALLOWED",
    "*.kafka.example.com, b1.dc.kafka.example.com, ALLOWED",
    "*.kafka.example.com, kafka.example.com, REFUSED",
    "*.kafka.example.com, b1.kafka.example.com.evil.org, REFUSED",
    "broker-*.example.com, broker-1.example.com, ALLOWED",
    "broker-*.example.com, broker-1.evil.org.example.com, REFUSED",
    "broker-{{nodeId}}.example.com, broker-12.example.com, ALLOWED",
    "broker-{{nodeId}}.example.com, broker-x.example.com, REFUSED",
    "Broker1, broker1, ALLOWED",
    "kafka*, kafka.evil.org, REFUSED",
    "a.b, axb, REFUSED",
    "*, anything.example.com, ALLOWED",
    "*, 8.8.8.8, ALLOWED",
    "10.1.0.0/16, 10.1.2.3, ALLOWED",
    "10.1.0.0/16, 10.2.2.3, REFUSED",
    "10.1.0.0/16, broker1.example.com, BY_ADDRESS",
    "10.1.2.3, 10.1.2.3, ALLOWED",
    "fd00::/8, fd12::1, ALLOWED",
  })
  void areTheConfiguredOnes(String rule, String broker, Verdict verdict) {
    assertThat(BrokerHosts.of(List.of(HostRule.parse(rule))).verdict(broker)).isEqualTo(verdict);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "http://x", "10.0.0.0/99", "a,b", "a..b"})
  void invalidHostsAreRefused(String rule) {
    assertThatThrownBy(() -> HostRule.parse(rule)).isInstanceOf(IllegalArgumentException.class);
  }
}
