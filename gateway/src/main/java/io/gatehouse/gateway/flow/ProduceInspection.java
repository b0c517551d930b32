package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.access.Denials;
import io.gatehouse.gateway.access.ProducedTopics;
import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.cluster.TopicIds;
import io.gatehouse.gateway.plan.AclRefusals;
import io.gatehouse.gateway.plan.ProducerIds;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.records.ProducerIdField;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds {@code acks} in a Produce request while it is forwarded. If the plan says so, translates
 * the names in it, and replaces producer ids in its record batches. One instance per session, for
 * one request at a time.
 */
final class ProduceInspection extends StreamInspection {

  /** Size of length, API key, version and correlation id, in bytes. */
  private static final int HEADER_BYTES = 12;

  private final RequestPath path;
  private int growth;
  private @Nullable ProducerIds ids;
  private @Nullable StreamedNames names;
  private RequestRule.@Nullable RestrictedProduce restricted;

  /** Bytes of the current record set that are still to come, including {@link #ofBatch}. */
  private int ofRecords;

  /** Bytes of the current batch that need not be looked at. */
  private long ofBatch;

  ProduceInspection(RequestPath path) {
    super(path);
    this.path = path;
  }

  /**
   * Looks for the number of topics of a request, see {@link #growth}.
   *
   * @param at index of the request's length in {@code in}
   * @param arrived bytes of the request from there on
   * @return null if there is nothing to wait for
   * @throws io.gatehouse.wire.MalformedMessage if it is not a request to produce
   */
  @Nullable Future<Void> beginHead(
      StreamedNames translation, TopicIds topics, ByteBuf in, int at, int arrived) {
    growth =
        translation.growth(
            walker,
            HEADER_BYTES - Integer.BYTES,
            in.getInt(at),
            in,
            at + HEADER_BYTES,
            at + arrived);
    return growth == StreamedNames.UNKNOWN ? null : translation.resolveFirst(walker, topics);
  }

  /** By how many bytes the request grows; {@link StreamedNames#UNKNOWN} if more must arrive. */
  int growth() {
    return growth;
  }

  /** Begins a request whose body is at {@code position} up to {@code end}. */
  void start(RequestRule.Produce rule, int position, int end) {
    begin();
    walker.start(rule.program(), position, end);
    ids = rule.producerIds();
    names = rule.names();
    restricted = names == null ? null : rule.restricted();
    ofRecords = 0;
    ofBatch = 0;
  }

  @Override
  boolean onBytes(ByteBuf in, int from, int to) {
    return (ids == null && names == null) ? acks(in, from, to) : super.onBytes(in, from, to);
  }

  private boolean acks(ByteBuf in, int from, int to) {
    walker.feed(in, from, to);
    Walker.Step step = walker.next();
    if (step == Walker.Step.FIELD && walker.number() == 0) {
      path.onAcksZero();
    }
    return step == Walker.Step.MORE;
  }

  @Override
  void onFed(ByteBuf in, int from, int to) {
    records(in, from, to);
  }

  @Override
  void onField(ByteBuf in, int to) {
    switch (walker.kind()) {
      case RECORDS -> {
        ofRecords = Math.max(walker.valueLength(), 0);
        ofBatch = 0;
        records(in, index(), to);
      }
      case ACKS -> {
        if (walker.number() == 0) {
          path.onAcksZero();
        }
      }
      case TOPIC_ID -> {
        checkRight(in);
        Objects.requireNonNull(names).maskTopicId(walker);
      }
      default -> {
        if (walker.kind() == FieldKind.TOPIC_NAME) {
          checkRight(in);
        }
        // An empty transactional id is refused by the broker.
        if (walker.kind() == FieldKind.TOPIC_NAME || walker.valueLength() > 0) {
          rename(Objects.requireNonNull(names));
        }
      }
    }
  }

  /** Masks the topic if the client must not write to it. */
  private void checkRight(ByteBuf in) {
    AclCaller rights = restricted == null ? null : path.caller().rights();
    if (rights == null || restricted == null) {
      return;
    }
    Denials denials = AclRefusals.of(path.caller(), restricted.topics());
    int length = Math.max(0, walker.valueLength());
    boolean masked =
        walker.kind() == FieldKind.TOPIC_ID
            ? ProducedTopics.mask(rights, denials, restricted.topics(), walker)
            : ProducedTopics.mask(rights, denials, in, index() - length, length);
    if (masked) {
      path.onMaskedTopic(restricted.response());
    }
  }

  /**
   * Whether a client may use the transactional id of a request, see {@link #beginHead}.
   *
   * @throws io.gatehouse.wire.MalformedMessage if it is not a request to produce
   */
  boolean mayUseTransaction(StreamedNames translation, ByteBuf in, int at, int arrived) {
    AclCaller rights = path.caller().rights();
    if (rights == null) {
      return true;
    }
    walker.start(translation.program(), HEADER_BYTES - Integer.BYTES, in.getInt(at));
    walker.feed(in, at + HEADER_BYTES, at + arrived);
    return walker.next() != Walker.Step.FIELD
        || walker.kind() != FieldKind.TRANSACTIONAL_ID
        || walker.isNull()
        || ProducedTopics.mayUse(rights, walker.text());
  }

  /** Replaces ids in the batches of the current record set, as far as their headers are there. */
  private void records(ByteBuf in, int from, int to) {
    int at = from;
    while (ofRecords > 0 && at < to) {
      if (ofBatch == 0) {
        int wanted = headerBytes(in, at, to);
        if (wanted > to - at) {
          holdBack(to - at, wanted);
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
