package io.gatehouse.bench;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnConnectionsTest {

  @Test
  void findsThePortsOfNewConnections() throws Exception {
    Map<String, Integer> before = OwnConnections.remotePorts();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = server.getLocalPort();
      assertThatThrownBy(() -> OwnConnections.check(before, Set.of(port)))
          .as("nobody is connected yet")
          .hasMessageContaining("[]");
      try (Socket client = new Socket(server.getInetAddress(), port);
          Socket accepted = server.accept()) {
        Set<Integer> both = Set.of(port, client.getLocalPort());
        assertThatCode(() -> OwnConnections.check(before, both)).doesNotThrowAnyException();
        assertThatThrownBy(() -> OwnConnections.check(before, Set.of(1, accepted.getPort())))
            .hasMessageContaining(String.valueOf(port));
      }
    }
  }
}
