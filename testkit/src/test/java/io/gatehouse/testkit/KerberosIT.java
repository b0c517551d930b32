package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.pki.Authority;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KerberosIT {

  @Test
  void brokersTakeTickets(@TempDir Path folder) throws Exception {
    Authority ca = Authority.create("Test CA");
    try (Kdc kdc = Kdc.start(folder);
        KafkaCluster cluster =
            KafkaCluster.of(KafkaVersion.V4_4, 1)
                .with(Listener.sasl("KERBEROS").kerberos(kdc).plain("alice", "secret"))
                .with(Listener.saslSsl("KERBEROS_SSL", ca.server()).kerberos(kdc))
                .start()) {
      comeIn(cluster, "KERBEROS", AuthenticationProperties.kerberos(kdc, "client"));
      comeIn(cluster, "KERBEROS", AuthenticationProperties.plain("alice", "secret"));
      comeIn(cluster, "KERBEROS_SSL", AuthenticationProperties.kerberos(kdc, "other/localhost"));
      assertThat(cluster.principalsSeen("KERBEROS")).containsExactly("User:client", "User:alice");
      assertThat(cluster.principalsSeen("KERBEROS_SSL")).containsExactly("User:other");

      Map<String, Object> stranger = AuthenticationProperties.kerberos(kdc, "stranger");
      kdc.remove("stranger");
      assertThatThrownBy(() -> comeIn(cluster, "KERBEROS", stranger))
          .isInstanceOf(KafkaException.class)
          .hasStackTraceContaining("Client not found in Kerberos database");
    }
  }

  private static void comeIn(KafkaCluster cluster, String listener, Map<String, Object> login)
      throws Exception {
    Map<String, Object> properties = new HashMap<>(cluster.clientProperties(listener, login));
    properties.put("default.api.timeout.ms", 15_000);
    properties.put("request.timeout.ms", 10_000);
    try (Admin admin = Admin.create(properties)) {
      assertThat(admin.describeCluster().nodes().get(20, TimeUnit.SECONDS)).hasSize(1);
    }
  }
}
