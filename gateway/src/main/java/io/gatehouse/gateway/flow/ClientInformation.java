package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.cluster.GatewayRequest;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client's id, and the name and version of its software (KIP-511). Brokers use them for quotas
 * and metrics, so the gateway sends them on when it has answered the client's ApiVersions request
 * itself.
 */
final class ClientInformation {

  /** As in Kafka's ApiVersionsRequest. */
  private static final Pattern SOFTWARE =
      Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

  /** Maximum length of each text. Longer ones are not kept or sent to brokers. */
  private static final int MAX_LENGTH = 256;

  /** Length, api key, version and correlation id of a request. */
  private static final int HEADER_BYTES = 12;

  private @Nullable String clientId;
  private String software = "";
  private String version = "";

  /** Sets the client id of a request. */
  void readClientId(@Nullable String id) {
    clientId = id == null || id.length() > MAX_LENGTH ? null : id;
  }

  /** Reads the client id of the request at {@code at}, if it has arrived that far. */
  void readClientId(ByteBuf in, int at) {
    int from = at + HEADER_BYTES + 2;
    if (in.writerIndex() < from) {
      return;
    }
    int length = in.getShort(at + HEADER_BYTES);
    if (length >= 0 && length <= MAX_LENGTH && from + length <= in.writerIndex()) {
      clientId = in.toString(from, length, StandardCharsets.UTF_8);
    }
  }

  /** The client id, or null if unknown. */
  @Nullable String clientId() {
    return clientId;
  }

  /** The client id for the gateway's own requests on this client's connection. */
  String clientId(String otherwise) {
    return clientId == null ? otherwise : clientId;
  }

  /**
   * Sets the software name and version of an ApiVersions request.
   *
   * @return whether they are valid; brokers answer INVALID_REQUEST otherwise
   */
  boolean readSoftware(String name, String itsVersion) {
    if (!SOFTWARE.matcher(name).matches() || !SOFTWARE.matcher(itsVersion).matches()) {
      return false;
    }
    boolean kept = name.length() <= MAX_LENGTH && itsVersion.length() <= MAX_LENGTH;
    software = kept ? name : "";
    version = kept ? itsVersion : "";
    return true;
  }

  /** An ApiVersions request with the client's software, or null if it is unknown. */
  @Nullable GatewayRequest apiVersionsRequest() {
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
