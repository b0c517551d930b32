package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortsTest {

  @Test
  void noPortIsGivenTwice() {
    Set<Integer> seen = new HashSet<>();
    try (Ports some = Ports.reserve(300);
        Ports others = Ports.reserve(300)) {
      for (int i = 0; i < 300; i++) {
        assertThat(seen.add(some.get(i))).isTrue();
        assertThat(seen.add(others.get(i))).isTrue();
      }
    }
  }

  @Test
  void contiguousPortsFollowEachOtherAndCanBeBound() throws IOException {
    try (Ports ports = Ports.contiguous(20)) {
      for (int i = 0; i < 20; i++) {
        assertThat(ports.get(i)).isEqualTo(ports.get(0) + i);
        try (ServerSocket socket =
            new ServerSocket(ports.get(i), 1, InetAddress.getLoopbackAddress())) {
          assertThat(socket.isBound()).isTrue();
        }
      }
    }
  }
}
