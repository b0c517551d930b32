package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.plan.ProducerIds;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.wire.records.ProducerIdField;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds {@code acks} in a Produce request while it is forwarded, and replaces producer ids in its
 * record batches if the plan says so. One instance per session, for one request at a time.
 */
final class ProduceInspection {

  private final RequestPath path;
  private final Walker walker = new Walker();
  private @Nullable ProducerIds ids;

  /** Bytes of the current record set that are still to come, including {@link #ofBatch}. */
  private int ofRecords;

  /** Bytes of the current batch that need not be looked at. */
  private long ofBatch;

  /** Bytes that were walked, and are held back until the header of their batch is complete. */
  private int heldBack;

  ProduceInspection(RequestPath path) {
    this.path = path;
  }

  /** Begins a request whose body is at {@code position} up to {@code end}. */
  void start(RequestRule.Produce rule, int position, int end) {
    walker.start(rule.program(), position, end);
    ids = rule.producerIds();
    ofRecords = 0;
    ofBatch = 0;
    heldBack = 0;
  }

  /**
   * Inspects the next bytes before they are forwarded.
   *
   * @return false if nothing of interest follows
   * @throws io.gatehouse.wire.MalformedMessage if they are not part of a Produce request
   */
  boolean onBytes(ByteBuf in, int from, int to) {
    return ids == null ? acks(in, from, to) : acksAndRecords(in, from, to);
  }

  private boolean acks(ByteBuf in, int from, int to) {
    walker.feed(in, from, to);
    Walker.Step step = walker.next();
    if (step == Walker.Step.FIELD && walker.number() == 0) {
      path.onAcksZero();
    }
    return step == Walker.Step.MORE;
  }

  private boolean acksAndRecords(ByteBuf in, int from, int to) {
    int fed = from + heldBack;
    int before = walker.position();
    walker.feed(in, fed, to);
    heldBack = 0;
    records(in, from, to);
    Walker.Step step = walker.next();
    while (step == Walker.Step.FIELD) {
      if (walker.kind() == FieldKind.RECORDS) {
        ofRecords = Math.max(walker.valueLength(), 0);
        ofBatch = 0;
        records(in, fed + walker.position() - before, to);
      } else if (walker.number() == 0) {
        path.onAcksZero();
      }
      step = walker.next();
    }
    return step == Walker.Step.MORE;
  }

  /** Replaces ids in the batches of the current record set, as far as their headers are there. */
  private void records(ByteBuf in, int from, int to) {
    int at = from;
    while (ofRecords > 0 && at < to) {
      if (ofBatch == 0) {
        int wanted = headerBytes(in, at, to);
        if (wanted > to - at) {
          heldBack = to - at;
          path.holdBack(heldBack, wanted);
          return;
        }
        ofBatch = wanted == 0 ? ofRecords : replace(in, at);
      }
      int bytes = (int) Math.min(ofBatch, to - at);
      at += bytes;
      ofBatch -= bytes;
      ofRecords -= bytes;
    }
  }

  /** How many bytes of a batch must be there; 0 if it cannot have a producer id. */
  private int headerBytes(ByteBuf in, int at, int to) {
    if (ofRecords < ProducerIdField.HEADER_BYTES) {
      return 0;
    }
    if (to - at < ProducerIdField.PREFIX_BYTES) {
      return ProducerIdField.PREFIX_BYTES;
    }
    return ProducerIdField.exists(in, at) ? ProducerIdField.HEADER_BYTES : 0;
  }

  /** Returns the size of the batch. One that is malformed is left to the broker to refuse. */
  private long replace(ByteBuf in, int at) {
    long bytes = ProducerIdField.batchBytes(in, at);
    if (bytes < ProducerIdField.HEADER_BYTES || bytes > ofRecords) {
      return ofRecords;
    }
    long id = ProducerIdField.ofIdempotent(in, at);
    if (ids != null && id >= 0) {
      long replaced = ids.toBroker(id);
      if (replaced != id) {
        ProducerIdField.replace(in, at, replaced);
      }
    }
    return bytes;
  }
}
