package io.gatehouse.gateway;

import io.gatehouse.gateway.fixture.FuzzCorpus;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs {@link SessionFuzz} on its seeds and kept inputs, without a fuzzer. */
class SessionCorpusTest {

  @BeforeAll
  static void start() {
    SessionFuzz.start();
  }

  @AfterAll
  static void stop() throws IOException {
    SessionFuzz.stop();
  }

  @Test
  void anyClient() throws IOException {
    SessionFuzz.requests().forEach(SessionFuzz::client);
    FuzzCorpus.of(SessionFuzz.class, "anyClient").forEach(SessionFuzz::client);
    SessionFuzz.awaitNothingLeft();
  }

  @Test
  void anyBroker() throws IOException {
    SessionFuzz.responses().forEach(SessionFuzz::broker);
    FuzzCorpus.of(SessionFuzz.class, "anyBroker").forEach(SessionFuzz::broker);
    SessionFuzz.awaitNothingLeft();
  }
}
