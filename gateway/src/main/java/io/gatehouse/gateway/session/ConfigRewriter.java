package io.gatehouse.gateway.session;

import io.gatehouse.gateway.plan.BrokerConfigs;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;

/**
 * Puts the gateway's address in place of the brokers' in broker configurations while a response is
 * walked. One per session; used for one response at a time.
 */
final class ConfigRewriter {

  private final Session session;
  private final Edits edits = new Edits();

  // The configuration being read.
  private boolean ofBroker;
  private String resource = "";
  private boolean holdsAddresses;

  ConfigRewriter(Session session) {
    this.session = session;
  }

  Edits edits() {
    return edits;
  }

  /** A new response. */
  void begin() {
    edits.clear();
    ofBroker = false;
    holdsAddresses = false;
  }

  /**
   * Walks a whole response.
   *
   * @throws io.gatehouse.wire.MalformedMessage if the bytes are no such response
   */
  void walk(Walker walker, Program program, ByteBuf bytes, int from, int to) {
    begin();
    walker.feed(bytes, from, to);
    while (walker.next() == Walker.Step.FIELD) {
      take(walker);
      switch (walker.kind()) {
        case RESOURCE_NAME -> resource = ofBroker && !walker.isNull() ? walker.text() : "";
        case CONFIG_VALUE -> {
          if (holdsAddresses && walker.valueLength() > 0) {
            mend(walker, program);
          }
        }
        case ERROR_CODE -> countError((int) walker.number());
        case ERROR_MESSAGE -> AddressRewriter.mendMessage(session, walker, program, edits);
        default -> {}
      }
    }
  }

  /** Looks at a field of a response that is on its way already: its addresses become blanks. */
  void watch(Walker walker) {
    take(walker);
    if (holdsAddresses) {
      holdsAddresses = false;
      walker.blankNextString();
    }
  }

  private void take(Walker walker) {
    switch (walker.kind()) {
      case RESOURCE_TYPE -> ofBroker = walker.number() == BrokerConfigs.BROKER;
      case CONFIG_NAME ->
          holdsAddresses =
              ofBroker && !walker.isNull() && BrokerConfigs.holdsAddresses(walker.text());
      default -> {}
    }
  }

  private void countError(int code) {
    if (code != 0) {
      session.loop().metrics().error(session.inFlight().route().apiKey(), code);
    }
  }

  private void mend(Walker walker, Program program) {
    String mended = BrokerConfigs.mended(walker.text(), address());
    edits.replaceText(walker, walker.start(), walker.stop(), mended, program.layout().flexible());
  }

  private HostPort address() {
    var addresses = session.binding().addresses();
    try {
      return addresses.advertisedKnown(Integer.parseInt(resource), session.client().local());
    } catch (NumberFormatException e) {
      return addresses.bootstrap(
          session.client().local()); // "" stands for the defaults of all brokers
    }
  }
}
