package io.gatehouse.gateway.session;

import io.gatehouse.gateway.plan.BrokerTexts;
import io.gatehouse.gateway.route.AddressBook;
import io.gatehouse.gateway.route.Cluster;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the gateway's addresses in place of the brokers' while a response is walked. One per
 * session; used for one response at a time.
 */
final class AddressRewriter {

  private static final int NO_ID = -1;

  private final Session session;
  private final Edits edits = new Edits();
  private int[] errors = new int[4];
  private int errorCount;
  private boolean seenBrokers;

  // The address being read.
  private int nodeId;
  private String host = "";
  private int hostStart;
  private int hostStop;

  AddressRewriter(Session session) {
    this.session = session;
  }

  Edits edits() {
    return edits;
  }

  /** Whether the part that was walked names a broker. */
  boolean hasSeenBrokers() {
    return seenBrokers;
  }

  /** Tells the error codes seen in the part that was walked. */
  void tellErrors(IntConsumer errorCode) {
    for (int i = 0; i < errorCount; i++) {
      errorCode.accept(errors[i]);
    }
    errorCount = 0;
  }

  /**
   * Walks the beginning of a response until no address can follow.
   *
   * @return false when too few bytes are here to say; then the walk must begin anew
   * @throws io.gatehouse.wire.MalformedMessage if the bytes are no such response
   */
  boolean walk(Walker walker, Program program, ByteBuf bytes, int from, int to) {
    edits.clear();
    errorCount = 0;
    seenBrokers = false;
    nodeId = NO_ID;
    walker.feed(bytes, from, to);
    while (true) {
      switch (walker.next()) {
        case MORE -> {
          return walker.isPastAddresses();
        }
        case FINISHED -> {
          return true;
        }
        default -> {
          take(walker, program);
          if (walker.isPastAddresses()) {
            return true;
          }
        }
      }
    }
  }

  private void take(Walker walker, Program program) {
    switch (walker.kind()) {
      case NODE_ID -> nodeId = (int) walker.number();
      case HOST, CONTROLLER_HOST, APPLICATION_HOST -> {
        host = walker.isNull() ? "" : walker.text();
        hostStart = walker.start();
        hostStop = walker.stop();
      }
      case PORT, CONTROLLER_PORT, APPLICATION_PORT -> mend(walker, program);
      case ERROR_CODE -> error((int) walker.number());
      case ERROR_MESSAGE -> mendMessage(session, walker, program, edits);
      default -> {}
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

  private void mend(Walker walker, Program program) {
    int width = walker.stop() - walker.start();
    int port = (int) walker.number() & (width == 2 ? 0xffff : -1);
    if (host.isEmpty()) {
      return; // no broker is meant: a coordinator that is not available, an endpoint not set
    }
    if (port <= 0 || port > 65535) {
      // Nobody can connect there, but the name is a name all the same.
      edits.replaceText(walker, hostStart, hostStop, "", program.layout().flexible());
      return;
    }
    HostPort broker = new HostPort(host, port);
    HostPort mended = mended(walker, broker);
    if (mended.equals(broker)) {
      return;
    }
    edits.replaceText(walker, hostStart, hostStop, mended.host(), program.layout().flexible());
    edits.replaceNumber(walker, mended.port());
  }

  private HostPort mended(Walker walker, HostPort broker) {
    AddressBook addresses = session.binding().addresses();
    return switch (walker.kind()) {
      case PORT -> {
        seenBrokers = true;
        yield addresses.advertised(nodeId, broker, session.client().local());
      }
      // Controllers are not reached through the gateway: their node's broker, or any, stands in.
      case CONTROLLER_PORT -> {
        session.binding().upstream().cluster().learnController(broker);
        yield addresses.advertisedKnown(nodeId, session.client().local());
      }
      // An application's own endpoint is its affair, unless it is a broker's address.
      default ->
          addresses.isBroker(broker)
              ? addresses.advertised(NO_ID, broker, session.client().local())
              : broker;
    };
  }

  /** Puts the gateway's addresses in place of the cluster's in the error message just walked. */
  static void mendMessage(Session session, Walker walker, Program program, Edits edits) {
    String mended = mendedMessage(session, walker);
    if (mended != null) {
      edits.replaceText(walker, walker.start(), walker.stop(), mended, program.layout().flexible());
    }
  }

  /** Blanks the error message just walked if it names the cluster's addresses. */
  static void blankIfNaming(Session session, Walker walker) {
    if (mendedMessage(session, walker) != null) {
      walker.blankMessage();
    }
  }

  /** Null where nothing is to be mended, which is nearly always. */
  private static @Nullable String mendedMessage(Session session, Walker walker) {
    if (walker.valueLength() <= 0) {
      return null;
    }
    String text = walker.text();
    String mended = BrokerTexts.mended(text, address -> instead(session, address));
    return mended.equals(text) ? null : mended;
  }

  /** What a text shall say instead of an address of the cluster's, null for any other. */
  private static @Nullable HostPort instead(Session session, HostPort address) {
    Cluster cluster = session.binding().upstream().cluster();
    AddressBook addresses = session.binding().addresses();
    HostPort known = new HostPort(address.host().toLowerCase(Locale.ROOT), address.port());
    for (HostPort each : List.of(address, known)) {
      if (addresses.isBroker(each)) {
        return addresses.advertised(cluster.idOf(each), each, session.client().local());
      }
      if (cluster.isServer(each)) {
        return addresses.bootstrap(session.client().local());
      }
    }
    return null;
  }
}
