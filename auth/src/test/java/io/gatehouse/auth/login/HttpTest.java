package io.gatehouse.auth.login;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Http;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HttpTest {

  @Test
  @Timeout(60)
  void aSlowAnswerEndsByTheDeadline() throws Exception {
    try (TrickleServer server = new TrickleServer();
        Http http = new Http(Duration.ofMillis(300))) {
      assertThatThrownBy(() -> http.send("GET", URI.create(server.url()), Map.of(), null))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no whole answer within 300 ms");
    }
  }
}
