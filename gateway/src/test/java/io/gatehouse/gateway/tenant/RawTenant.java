package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A connection of a party that has logged in, for requests that no client sends. */
final class RawTenant implements AutoCloseable {

  private static final int AUTHENTICATE = 36;

  private final RawClient client;
  private int lastId;

  private RawTenant(RawClient client) {
    this.client = client;
  }

  /** Connects to the port of a broker, or with 0 to the bootstrap port. */
  static RawTenant connect(Party party, int nodeId) throws IOException {
    RawTenant tenant =
        new RawTenant(RawClient.connect("localhost", party.bootstrap().port() + nodeId));
    tenant.ask(
        Frames.SASL_HANDSHAKE,
        1,
        Frames.newRequest(Frames.SASL_HANDSHAKE, 1).set("Mechanism", "PLAIN"));
    byte[] token = ("\0" + party.user() + "\0" + Party.PASSWORD).getBytes(StandardCharsets.UTF_8);
    Struct answer =
        tenant.ask(AUTHENTICATE, 1, Frames.newRequest(AUTHENTICATE, 1).set("AuthBytes", token));
    assertThat(answer.getInt("ErrorCode")).isZero();
    return tenant;
  }

  /** Sends a request and returns the body of its response. */
  Struct ask(int apiKey, int version, Struct body) throws IOException {
    lastId++;
    client.sendFrame(Frames.request(apiKey, version, lastId, body));
    byte[] answer = client.readFrame(Rig.LIMIT);
    assertThat(Frames.responseCorrelationId(answer)).isEqualTo(lastId);
    return Frames.readResponse(apiKey, version, answer);
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
