package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.cluster.GatewayRequest;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of itself: its client id, and name and version of its software (KIP-511).
 * Brokers count and limit clients by it, so they are told where the gateway answered the client.
 */
final class ClientInformation {

  /** As in Kafka's ApiVersionsRequest. */
  private static final Pattern SOFTWARE =
      Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

  /** Longer texts are not kept; brokers are not told them. */
  private static final int LONGEST = 256;

  /** Length, api key, version and correlation id of a request. */
  private static final int HEAD = 12;

  private @Nullable String clientId;
  private String software = "";
  private String version = "";

  /** Takes the client id of a request. */
  void hearClientId(@Nullable String id) {
    clientId = id == null || id.length() > LONGEST ? null : id;
  }

  /** The same of the request at {@code at}, if that much of it is here. */
  void hearClientId(ByteBuf in, int at) {
    int from = at + HEAD + 2;
    if (in.writerIndex() < from) {
      return;
    }
    int length = in.getShort(at + HEAD);
    if (length >= 0 && length <= LONGEST && from + length <= in.writerIndex()) {
      clientId = in.toString(from, length, StandardCharsets.UTF_8);
    }
  }

  /** The client id that was heard; null if none was. */
  @Nullable String clientId() {
    return clientId;
  }

  /** What the gateway calls itself when it asks on the client's connection. */
  String clientId(String otherwise) {
    return clientId == null ? otherwise : clientId;
  }

  /**
   * Takes what an ApiVersions request tells.
   *
   * @return whether it is valid; brokers answer INVALID_REQUEST otherwise
   */
  boolean hearSoftware(String name, String itsVersion) {
    if (!SOFTWARE.matcher(name).matches() || !SOFTWARE.matcher(itsVersion).matches()) {
      return false;
    }
    boolean kept = name.length() <= LONGEST && itsVersion.length() <= LONGEST;
    software = kept ? name : "";
    version = kept ? itsVersion : "";
    return true;
  }

  /** The request that tells a broker, or null if there is nothing to tell. */
  @Nullable GatewayRequest introduction() {
    String name = software;
    String itsVersion = version;
    return name.isEmpty()
        ? null
        : new GatewayRequest(
            GatewayRequest.API_VERSIONS,
            GatewayRequest.FIRST_WITH_SOFTWARE,
            body -> body.set("ClientSoftwareName", name).set("ClientSoftwareVersion", itsVersion));
  }
}
