package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclTable;
import io.gatehouse.gateway.acl.Demand;
import io.gatehouse.gateway.acl.Demand.Named;
import io.gatehouse.gateway.acl.Demand.Side;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The rights that requests of one API and version need. Most requests are found to be allowed by a
 * walk over their names, which allocates nothing but the names; conditions of rights are looked at
 * only where it finds that one may be missing.
 */
final class RequestRights {

  /** Length, API key, version and correlation id. */
  private static final int HEADER_BYTES = 12;

  private static final int LENGTH_BYTES = 4;
  private static final int METADATA = 3;
  private static final int METADATA_WITH_IDS = 12;
  private static final Map<Integer, RequestRights> MADE = new ConcurrentHashMap<>();

  private final Layout layout;

  /** Those that do not stand in the names of a request. */
  private final List<Demand> general = new ArrayList<>();

  private final List<NamedDemand> named = new ArrayList<>();
  private final Map<FieldKind, List<Demand>> byKind = new EnumMap<>(FieldKind.class);
  private final Program program;

  /** A right for each resource that a field names. */
  record NamedDemand(Demand demand, NamedResources resources) {}

  private RequestRights(Layout layout) {
    this.layout = layout;
    for (Demand demand : AclTable.demands(layout.message().apiKey())) {
      if (!RequestCheck.mayApply(demand.when(), layout.version())) {
        continue;
      }
      if (!(demand.subject() instanceof Named(Side side, List<String> paths))) {
        general.add(demand);
      } else if (side == Side.REQUEST) {
        paths.forEach(path -> add(demand, new NamedResources(path)));
      }
    }
    Set<FieldKind> kinds = Set.copyOf(byKind.keySet());
    this.program = Program.ofRequest(layout, kinds);
  }

  private void add(Demand demand, NamedResources resources) {
    // Sessions of fetches remember topics, so those that are refused are masked, and not left out.
    boolean isMasked =
        FetchAuthorizer.isFetch(layout.message().apiKey())
            && demand.refusal().effect() == Demand.Effect.ELEMENT;
    FieldLayout field = isMasked || isRefusedByBrokers(resources) ? null : resources.in(layout);
    if (field != null) {
      if (field.kind() == FieldKind.NONE) {
        throw new IllegalStateException(layout.message().name() + ": a name without a kind");
      }
      named.add(new NamedDemand(demand, resources));
      byKind.computeIfAbsent(field.kind(), _ -> new ArrayList<>()).add(demand);
    }
  }

  /** Ids stand in Metadata from version 10 on, and are answered from version 12 on (KIP-516). */
  private boolean isRefusedByBrokers(NamedResources resources) {
    return layout.message().apiKey() == METADATA
        && layout.version() < METADATA_WITH_IDS
        && resources.isOf("TopicId");
  }

  /** Those of an API and version; null if its requests need none. */
  static @Nullable RequestRights of(Layout request) {
    int key = request.message().apiKey() << 16 | request.version();
    RequestRights rights = MADE.computeIfAbsent(key, _ -> new RequestRights(request));
    return rights.general.isEmpty() && rights.named.isEmpty() ? null : rights;
  }

  Layout layout() {
    return layout;
  }

  /** The error code of the first right. */
  int errorCode() {
    Demand first = named.isEmpty() ? general.getFirst() : named.getFirst().demand();
    return first.refusal().errorCode();
  }

  /** All rights that concern the whole request, or elements by something else than a name. */
  List<Demand> general() {
    return general;
  }

  /** All rights that concern resources that the request names, in Kafka's order. */
  List<NamedDemand> named() {
    return named;
  }

  /**
   * Whether nothing that the request could need is missing.
   *
   * @param frame with its length
   * @throws io.gatehouse.wire.MalformedMessage if it is not such a request
   */
  boolean areAllHeld(Rights rights, Walker walker, ByteBuf frame) {
    for (Demand demand : general) {
      if (!rights.holds(demand, null)) {
        return false;
      }
    }
    if (byKind.isEmpty()) {
      return true;
    }
    int at = frame.readerIndex();
    int end = frame.readableBytes() - LENGTH_BYTES;
    walker.start(program, HEADER_BYTES - LENGTH_BYTES, end);
    walker.feed(frame, at + HEADER_BYTES, at + frame.readableBytes());
    while (walker.next() == Walker.Step.FIELD) {
      List<Demand> demands = byKind.get(walker.kind());
      if (demands != null && !areHeld(demands, rights, walker)) {
        return false;
      }
    }
    return true;
  }

  private static boolean areHeld(List<Demand> demands, Rights rights, Walker walker) {
    @Nullable String name;
    if (walker.kind() == FieldKind.TOPIC_ID) {
      if ((walker.numberHigh() | walker.number()) == 0) {
        return true;
      }
      name = rights.topics().name(new UUID(walker.numberHigh(), walker.number()));
      if (name == null) {
        return false; // not known, or not there
      }
    } else if (walker.isNull()) {
      return true;
    } else {
      name = walker.text();
    }
    for (Demand demand : demands) {
      boolean isPattern = demand.refusal().effect() == Demand.Effect.OMITTED;
      if (isPattern ? !name.isEmpty() : !rights.holds(demand, name)) {
        return false;
      }
    }
    return true;
  }
}
