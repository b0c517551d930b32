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
 * A cluster of one broker with the id 0 that echoes clients' requests. The gateway's own requests
 * go to another broker, so that every connection and byte at the first one is a client's.
 */
final class Echo implements AutoCloseable {

  private static final int APIS_VERSION = 3;

  private final FakeBroker broker = FakeBroker.start(Scripts.ECHO);
  private final FakeBroker asked;

  Echo() {
    this(null);
  }

  /**
   * @param told advertised address of broker 0; null for that of the echoing broker
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

  /** The gateway's bootstrap server. */
  HostPort asked() {
    return Scripts.address(asked);
  }

  private HostPort broker() {
    return Scripts.address(broker);
  }

  /** Number of connections for clients' requests. */
  int connections() {
    return broker.accepted();
  }

  /** Number of connections of the gateway itself and of bootstrapping clients. */
  int connectionsToAsked() {
    return asked.accepted();
  }

  @Override
  public void close() {
    broker.close();
    asked.close();
  }
}
