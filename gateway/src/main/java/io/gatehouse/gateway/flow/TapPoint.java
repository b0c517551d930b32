package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.TapFrame;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Offers a session's frames to the open taps. Not called while no tap is open. */
final class TapPoint {

  private static final int LENGTH_BYTES = FrameCutter.LENGTH_BYTES;

  private TapPoint() {}

  /**
   * Offers a request.
   *
   * @param at index of its length in {@code in}
   */
  static void request(Session session, Tap[] taps, Route route, ByteBuf in, int at) {
    ClientInformation information = session.clientContext().information();
    if (information.clientId() == null) {
      information.readClientId(in, at); // not read yet for the first request
    }
    int length = in.getInt(at);
    boolean whole = in.writerIndex() - at - LENGTH_BYTES >= length;
    BrokerLink main = session.links().main();
    var request = new TapFrame.Request(route.apiKey(), route.version(), in.getInt(at + 8));
    offer(
        session,
        taps,
        new TapFrame(
            System.currentTimeMillis(),
            session.clientContext().peer(),
            request,
            LENGTH_BYTES + length,
            TapFrame.REQUEST,
            main == null ? null : main.broker()),
        whole ? in.slice(at + LENGTH_BYTES, length) : null);
  }

  /**
   * Offers the response to the oldest request in flight.
   *
   * @param frame with its length; null if it is not in one buffer
   */
  static void response(
      Session session, Tap[] taps, @Nullable HostPort broker, int bytes, @Nullable ByteBuf frame) {
    InFlight inFlight = session.inFlight();
    Route route = inFlight.route();
    if (!route.isClientRequest()) {
      return;
    }
    offer(
        session,
        taps,
        new TapFrame(
            System.currentTimeMillis(),
            session.clientContext().peer(),
            new TapFrame.Request(route.apiKey(), route.version(), inFlight.correlationId()),
            bytes,
            session.loop().readClock() - inFlight.startedAt(),
            broker),
        frame == null
            ? null
            : frame.slice(frame.readerIndex() + LENGTH_BYTES, bytes - LENGTH_BYTES));
  }

  private static void offer(Session session, Tap[] taps, TapFrame frame, @Nullable ByteBuf in) {
    for (Tap tap : taps) {
      tap.offer(frame, in, session.loop().now());
    }
  }
}
