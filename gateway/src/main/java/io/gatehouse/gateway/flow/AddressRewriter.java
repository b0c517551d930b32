package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.access.FetchedTopics;
import io.gatehouse.gateway.cluster.AddressBook;
import io.gatehouse.gateway.cluster.Cluster;
import io.gatehouse.gateway.cluster.GatewayRequest;
import io.gatehouse.gateway.nodes.Balancing;
import io.gatehouse.gateway.plan.BrokerConfigs;
import io.gatehouse.gateway.plan.BrokerTexts;
import io.gatehouse.gateway.plan.ResponseEdit;
import io.gatehouse.gateway.plan.Switchable;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Replaces broker addresses by the gateway's in address fields, error messages and configurations.
 * The walk records positions. After the walk, the brokers found are registered and each position
 * gets its new value. One instance per session, for one response at a time.
 */
final class AddressRewriter implements ResponseEdit {

  private static final int NO_ID = -1;

  /** Lists above this size are not kept for the next response. */
  private static final int MAX_RETAINED_ENTRIES = 256;

  /** Estimated bytes of memory of a {@code Place}. */
  private static final int PLACE_BYTES = 48;

  /**
   * A position to edit.
   *
   * @param kind kind of its last field
   * @param nodeId the broker's own node id, -1 if unknown
   * @param length length of its string in bytes
   * @param port port of an address
   * @param width size of the port field in bytes; 0 for a text
   */
  private record Place(FieldKind kind, int nodeId, int edit, int length, int port, int width) {

    boolean hasPort() {
      return port > 0 && port <= 65_535;
    }
  }

  private final ClientContext context;
  private final ClientLink link;
  private List<Place> places = new ArrayList<>();
  private int[] errors = new int[4];
  private int errorCount;
  private Program program;

  /** What error messages are freed of; null for nothing. */
  private @Nullable FetchedTopics topics;

  private @Nullable Names names;

  /** The choice of nodes for the current response; null for none. */
  private @Nullable Balancing balancing;

  private long client;

  /** The settings that {@link #switchable} was found for. */
  private @Nullable ListenerBinding binding;

  private boolean switchable;

  // The address or configuration being read.
  private int nodeId;
  private int hostStart;
  private int hostLength;
  private boolean ofBroker;
  private boolean holdsAddresses;

  AddressRewriter(ClientContext context, ClientLink link, Program program) {
    this.context = context;
    this.link = link;
    this.program = program;
  }

  /**
   * Starts a new response.
   *
   * @param tenantNames what error messages are freed of; null for nothing
   * @param checked checks topics by id; null if they need not be
   */
  void begin(Program newProgram, @Nullable Names tenantNames, @Nullable FetchedTopics checked) {
    program = newProgram;
    names = tenantNames;
    topics = checked;
    errorCount = 0;
    nodeId = NO_ID;
    ofBroker = false;
    holdsAddresses = false;
    if (places.size() > MAX_RETAINED_ENTRIES || errors.length > MAX_RETAINED_ENTRIES) {
      places = new ArrayList<>();
      errors = new int[4];
    }
    places.clear();
  }

  @Override
  public long heldBytes() {
    return (long) PLACE_BYTES * places.size() + (long) Integer.BYTES * errors.length;
  }

  /** Reports the error codes found in the walked part. */
  void reportErrors(IntConsumer errorCode) {
    for (int i = 0; i < errorCount; i++) {
      errorCode.accept(errors[i]);
    }
  }

  // ---- during the walk --------------------------------------------------------------------------

  @Override
  public boolean onStep(Walker.Step step, Walker walker, Edits edits) {
    FieldKind kind = walker.kind();
    switch (kind) {
      case ERROR_CODE -> {
        error((int) walker.number());
        if (topics != null) {
          topics.onErrorCode(walker);
        }
        tellError(walker);
      }
      case ERROR_MESSAGE -> {
        return isTellingTooMuch(walker) && text(walker, edits);
      }
      case TOPIC_ID -> {
        if (topics != null) {
          topics.onTopicId(walker);
        }
      }
      case NODE_ID -> nodeId = (int) walker.number();
      case HOST, CONTROLLER_HOST, APPLICATION_HOST -> {
        hostStart = walker.start();
        hostLength = walker.valueLength();
      }
      case PORT, CONTROLLER_PORT, APPLICATION_PORT -> {
        return address(walker, edits);
      }
      case CONFIG_VALUE -> {
        return holdsAddresses && walker.valueLength() > 0 && text(walker, edits);
      }
      default -> config(kind, walker);
    }
    return false;
  }

  /**
   * Processes a field of a response that is already being streamed: overwrites addresses with
   * spaces.
   */
  void blankAddresses(Walker walker) {
    FieldKind kind = walker.kind();
    if (kind == FieldKind.ERROR_MESSAGE) {
      if (isTellingTooMuch(walker)) {
        walker.blankMessage();
      }
      return;
    }
    config(kind, walker);
    if (kind == FieldKind.CONFIG_NAME && holdsAddresses) {
      walker.blankNextString();
    }
  }

  private void config(FieldKind kind, Walker walker) {
    switch (kind) {
      case RESOURCE_TYPE -> ofBroker = walker.number() == BrokerConfigs.BROKER;
      case RESOURCE_NAME -> nodeId = ofBroker && !walker.isNull() ? id(walker.text()) : NO_ID;
      case CONFIG_NAME ->
          holdsAddresses =
              ofBroker && !walker.isNull() && BrokerConfigs.holdsAddresses(walker.text());
      default -> {}
    }
  }

  /** The resource name "" means the defaults of all brokers. */
  private static int id(String resource) {
    try {
      return Integer.parseInt(resource);
    } catch (NumberFormatException e) {
      return NO_ID;
    }
  }

  private void error(int code) {
    if (code == 0) {
      return;
    }
    if (errorCount == errors.length) {
      errors = Arrays.copyOf(errors, 2 * errorCount);
    }
    errors[errorCount++] = code;
  }

  /** Overwrites the error code just walked if clients that may be switched need another one. */
  void tellError(Walker walker) {
    if (isSwitchable()) {
      int code = (int) walker.number();
      int apiKey = program.layout().message().apiKey();
      boolean isNew = cluster().isNewToConsumers();
      boolean rejoins =
          code == 0 && isNew && Switchable.confirmsMember(apiKey) && context.mustRejoinGroup();
      int told =
          rejoins
              ? ErrorCode.FENCED_MEMBER_EPOCH.number()
              : Switchable.errorToTell(apiKey, code, isNew);
      if (told != code) {
        walker.setLowByte(told);
      }
    }
  }

  /** Whether the cluster has a failover cluster, or is one. */
  @SuppressWarnings("ReferenceEquality") // asked per response: only a session that moved looks anew
  private boolean isSwitchable() {
    ListenerBinding now = context.binding();
    if (now != binding) {
      binding = now;
      switchable = cluster().ids().areShared();
    }
    return switchable;
  }

  /** Whether the error message just walked contains an address of the cluster, or its names. */
  private boolean isTellingTooMuch(Walker walker) {
    if (walker.valueLength() <= 0) {
      return false;
    }
    String message = walker.text();
    return (names != null && names.isIn(message))
        || BrokerTexts.containsAddress(message, this::isOfCluster);
  }

  private boolean isOfCluster(HostPort address) {
    HostPort known = lowerCase(address);
    return addresses().isBroker(address)
        || addresses().isBroker(known)
        || cluster().isServer(address)
        || cluster().isServer(known);
  }

  private boolean address(Walker walker, Edits edits) {
    if (hostLength <= 0) {
      return false; // no broker: a coordinator that is not available, an endpoint that is not set
    }
    int width = walker.stop() - walker.start();
    int port = (int) walker.number() & (width == 2 ? 0xffff : -1);
    int edit = edits.defer(walker, hostStart, walker.stop());
    places.add(new Place(walker.kind(), nodeId, edit, hostLength, port, width));
    return true;
  }

  private boolean text(Walker walker, Edits edits) {
    int edit = edits.defer(walker, walker.start(), walker.stop());
    places.add(new Place(walker.kind(), nodeId, edit, walker.valueLength(), 0, 0));
    return true;
  }

  // ---- after the walk ---------------------------------------------------------------------------

  @Override
  public void afterWalk(Edits edits, ByteBuf bytes, int zero) {
    learn(edits, bytes, zero);
    balancing = context.balancing();
    if (balancing != null) {
      client = context.hash();
    }
    for (Place place : places) {
      String text = text(place, edits, bytes, zero);
      switch (place.kind) {
        case ERROR_MESSAGE -> {
          String message = names == null ? text : names.toClient(text);
          setText(edits, place, BrokerTexts.replaceAddresses(message, this::replacement));
        }
        case CONFIG_VALUE -> {
          HostPort broker = known(clientId(place));
          setText(edits, place, BrokerConfigs.replaceAddresses(text, broker));
        }
        default -> setAddress(edits, place, text);
      }
    }
  }

  private static String text(Place place, Edits edits, ByteBuf bytes, int zero) {
    int from = zero + edits.stop(place.edit) - place.width - place.length;
    return bytes.toString(from, place.length, StandardCharsets.UTF_8);
  }

  /**
   * Registers brokers and controllers, so that they have ports before their addresses are
   * rewritten.
   */
  private void learn(Edits edits, ByteBuf bytes, int zero) {
    Map<Integer, HostPort> brokers = new HashMap<>();
    boolean named = false;
    for (Place place : places) {
      boolean broker = place.kind == FieldKind.PORT;
      if ((!broker && place.kind != FieldKind.CONTROLLER_PORT) || !place.hasPort()) {
        continue;
      }
      named |= broker;
      HostPort address = new HostPort(text(place, edits, bytes, zero), place.port);
      if (!broker) {
        cluster().learnController(address);
      } else if (place.nodeId >= 0
          && !cluster().isAt(place.nodeId, address)
          && brokers.size() <= Cluster.MAX_BROKERS) {
        brokers.put(place.nodeId, address);
      }
    }
    if (!brokers.isEmpty()) {
      cluster().learn(brokers);
    }
    if (named && program.layout().message().apiKey() == GatewayRequest.METADATA) {
      cluster().markComplete();
    }
  }

  private void setAddress(Edits edits, Place place, String host) {
    boolean compact = program.layout().flexible();
    if (!place.hasPort()) {
      // Not a valid address, but the host must not be disclosed.
      edits.setAddress(place.edit, "", compact, place.port, place.width);
      return;
    }
    HostPort broker = new HostPort(host, place.port);
    HostPort advertised = advertised(place, broker);
    if (!advertised.equals(broker)) {
      edits.setAddress(place.edit, advertised.host(), compact, advertised.port(), place.width);
    }
  }

  private HostPort advertised(Place place, HostPort broker) {
    return switch (place.kind) {
      case PORT -> {
        int id = clientId(place);
        yield balanced(id, addresses().advertised(id, broker, local()));
      }
      // Controllers cannot be reached through the gateway; the broker with their node id, or any,
      // is given instead.
      case CONTROLLER_PORT -> known(clientId(place));
      // The endpoint of a Streams application is kept unless it is a broker's address.
      default ->
          addresses().isBroker(broker) ? addresses().advertised(NO_ID, broker, local()) : broker;
    };
  }

  /** The address for a broker by node id; the bootstrap address if the id is unknown. */
  private HostPort known(int id) {
    HostPort here = addresses().advertisedKnown(id, local());
    return cluster().broker(id) == null ? here : balanced(id, here);
  }

  /**
   * Chooses the gateway node for a broker.
   *
   * @param here this node's address for it
   */
  private HostPort balanced(int id, HostPort here) {
    Balancing nodes = balancing;
    return nodes == null || id < 0 ? here : nodes.choose(id, cluster().rack(id), client, here);
  }

  private int clientId(Place place) {
    return cluster().ids().toClient(place.nodeId);
  }

  private void setText(Edits edits, Place place, String text) {
    edits.setText(place.edit, text, program.layout().flexible());
  }

  /** The replacement for an address in a text; null if it is not an address of the cluster. */
  private @Nullable HostPort replacement(HostPort address) {
    for (HostPort each : List.of(address, lowerCase(address))) {
      if (addresses().isBroker(each)) {
        int id = cluster().idOf(each);
        return balanced(id, addresses().advertised(id, each, local()));
      }
      if (cluster().isServer(each)) {
        return addresses().bootstrap(local());
      }
    }
    return null;
  }

  private static HostPort lowerCase(HostPort address) {
    return new HostPort(address.host().toLowerCase(Locale.ROOT), address.port());
  }

  private AddressBook addresses() {
    return context.binding().addresses();
  }

  private Cluster cluster() {
    return context.binding().upstream().cluster();
  }

  private HostPort local() {
    return link.local();
  }
}
