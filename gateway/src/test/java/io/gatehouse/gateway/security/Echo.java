package io.gatehouse.gateway.security;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.FakeBroker;
import io.gatehouse.testkit.FakeBroker.Reply;
import io.gatehouse.testkit.FakeBroker.Request;
import io.gatehouse.wire.tree.Struct;
import java.util.Map;

/**
 * A cluster of one broker with the id 0 that echoes what clients ask. The gateway's own questions
 * go to another, so that every connection and byte the one sees is a client's.
 */
final class Echo implements AutoCloseable {

  private static final int APIS_VERSION = 3;

  private final FakeBroker broker = FakeBroker.start(Scripts.ECHO);
  private final FakeBroker asked;

  Echo() {
    this(null);
  }

  /**
   * @param told where broker 0 is said to be instead; null: at the one that echoes
   */
  Echo(@org.jspecify.annotations.Nullable HostPort told) {
    asked =
        FakeBroker.start(
            Scripts.cluster(() -> Map.of(0, told == null ? broker() : told), Echo::answer));
  }

  private static Reply answer(Request request) {
    if (request.apiKey() != Frames.API_VERSIONS) {
      return Scripts.ECHO.apply(request);
    }
    Struct apis = Frames.newResponse(Frames.API_VERSIONS, APIS_VERSION);
    for (int api : new int[] {0, 1, 3, 17, 18, 36}) {
      apis.addStruct("ApiKeys")
          .set("ApiKey", api)
          .set("MinVersion", 0)
          .set("MaxVersion", api == 36 ? 2 : 1);
    }
    return Reply.frame(
        Frames.response(Frames.API_VERSIONS, APIS_VERSION, request.correlationId(), apis));
  }

  /** For the gateway to bootstrap from. */
  HostPort asked() {
    return Scripts.address(asked);
  }

  private HostPort broker() {
    return Scripts.address(broker);
  }

  /** Connections that clients' requests led to. */
  int connections() {
    return broker.accepted();
  }

  /** Connections of the gateway, and of clients that bootstrap. */
  int connectionsToAsked() {
    return asked.accepted();
  }

  @Override
  public void close() {
    broker.close();
    asked.close();
  }
}
