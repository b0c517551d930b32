package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclTable;
import io.gatehouse.gateway.acl.Demand;
import io.gatehouse.gateway.acl.Demand.Effect;
import io.gatehouse.gateway.acl.Demand.Named;
import io.gatehouse.gateway.acl.Demand.Side;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.tenant.FrameWalk;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out of whole responses of one API and version what a client may not see, and tells it what
 * it may do with the rest.
 */
final class ResponseFilter {

  /** Length and correlation id. */
  private static final int HEADER_BYTES = 8;

  private static final int METADATA = 3;

  /** The deepest nesting of arrays around a name. */
  private static final int MAX_DEPTH = 8;

  /** As a value of authorized operations: nobody has asked for them (KIP-430). */
  private static final int NOT_WANTED = Integer.MIN_VALUE;

  private final Layout layout;
  private final Program program;

  /** What the elements of an array need, by the array's path. */
  private final Map<String, Demand> byArray = new HashMap<>();

  /** What the field with operations is about, if it stands in an array. */
  private final @Nullable ResourceType described;

  private final boolean isNeeded;

  /** Whether it is the version of Metadata in which no topics stand for all. */
  private final boolean isMetadataOfAll;

  private ResponseFilter(Layout layout) {
    this.layout = layout;
    int apiKey = layout.message().apiKey();
    Set<String> outlined = new HashSet<>();
    EnumSet<FieldKind> kinds = EnumSet.noneOf(FieldKind.class);
    for (Demand demand : AclTable.demands(apiKey)) {
      Effect effect = demand.refusal().effect();
      if (demand.subject() instanceof Named(Side side, List<String> paths)
          && side == Side.ANSWER
          && (effect == Effect.OMITTED || effect == Effect.PARENT)) {
        paths.forEach(path -> add(demand, path, outlined, kinds));
      }
    }
    ResourceType type = null;
    for (AclTable.OperationsField field : AclTable.operations(apiKey)) {
      kinds.add(FieldKind.AUTHORIZED_OPERATIONS);
      int dot = field.path().indexOf('.');
      if (dot >= 0) {
        type = field.type();
        kinds.add(type == ResourceType.TOPIC ? FieldKind.TOPIC_NAME : FieldKind.GROUP_ID);
        outlined.add(field.path().substring(0, dot));
      }
    }
    this.described = type;
    this.isNeeded = !kinds.isEmpty();
    this.isMetadataOfAll = apiKey == METADATA && layout.version() == 0;
    this.program = Program.ofResponse(layout, kinds, (path, _) -> outlined.contains(path));
  }

  private void add(Demand demand, String path, Set<String> outlined, Set<FieldKind> kinds) {
    FieldLayout field = new NamedResources(path).in(layout);
    if (field == null) {
      return;
    }
    String array = field.array() ? path : path.substring(0, path.lastIndexOf('.'));
    byArray.put(array, demand);
    kinds.add(field.kind());
    outlined.add(array);
    if (demand.refusal().effect() == Effect.PARENT) {
      outlined.add(path.substring(0, path.indexOf('.')));
      kinds.add(FieldKind.GROUP_ID);
    }
  }

  /** Null if clients may see all of such responses. */
  static @Nullable ResponseFilter of(Layout response) {
    ResponseFilter filter = new ResponseFilter(response);
    return filter.isNeeded ? filter : null;
  }

  /**
   * Filters a response.
   *
   * @param frame with its length; not released here
   * @return the response for the client, which the caller owns; null if it is unchanged
   * @throws MalformedMessage if it is not a response of this kind
   */
  @Nullable ByteBuf filter(Rights rights, ByteBuf frame, ByteBufAllocator allocator) {
    FrameWalk walk = FrameWalk.over(frame, HEADER_BYTES, program);
    try {
      return new Run(rights, walk).filter(allocator);
    } finally {
      walk.end();
    }
  }

  /** The filtering of one response. */
  private final class Run {

    private final Rights rights;
    private final FrameWalk walk;
    private final Walker walker;

    /** The paths of the arrays around the current field, innermost last. */
    private final List<String> arrays = new ArrayList<>(MAX_DEPTH);

    /** How many of them are around an element to leave out; 0 if there is none. */
    private int omitted;

    /** The error code of the outermost element; 0 if it stays. */
    private int replaced;

    /** What the outermost element is about. */
    private String name = "";

    Run(Rights rights, FrameWalk walk) {
      this.rights = rights;
      this.walk = walk;
      this.walker = walk.walker();
    }

    @Nullable ByteBuf filter(ByteBufAllocator allocator) {
      Walker.Step step = walker.next();
      while (step != Walker.Step.FINISHED && step != Walker.Step.MORE) {
        switch (step) {
          case FIELD -> onField();
          case ELEMENT_BEGIN -> arrays.add(walker.path());
          case ELEMENT_END -> onElementEnd();
          default -> {}
        }
        if (walk.isTooLarge()) {
          throw new MalformedMessage("more to leave out than can be", walker.position());
        }
        step = walker.next();
      }
      return walk.edited(allocator);
    }

    private void onField() {
      if (walker.kind() == FieldKind.AUTHORIZED_OPERATIONS) {
        onOperations();
        return;
      }
      if (walker.valueLength() <= 0 || arrays.isEmpty()) {
        // Errors about topics by id come without names; one in version 0 of Metadata is about a
        // topic
        // that the client did not ask for, see RequestCheck.
        if (walker.valueLength() == 0 && isMetadataOfAll && omitted == 0) {
          omitted = arrays.size();
        }
        return;
      }
      String text = walker.text();
      if (arrays.size() == 1 && walker.kind() == nameKind()) {
        name = text;
      }
      Demand demand = byArray.get(arrays.getLast());
      if (demand == null || !isNameOf(demand) || rights.holds(demand, text)) {
        return;
      }
      if (demand.refusal().effect() == Effect.PARENT) {
        replaced = demand.refusal().errorCode();
      } else if (omitted == 0) {
        omitted = arrays.size();
      }
    }

    /** The kind of the field that names the outermost elements. */
    private FieldKind nameKind() {
      return described == ResourceType.TOPIC ? FieldKind.TOPIC_NAME : FieldKind.GROUP_ID;
    }

    private boolean isNameOf(Demand demand) {
      return switch (demand.right().type()) {
        case TOPIC -> walker.kind() == FieldKind.TOPIC_NAME;
        case GROUP -> walker.kind() == FieldKind.GROUP_ID;
        case TRANSACTIONAL_ID -> walker.kind() == FieldKind.TRANSACTIONAL_ID;
        case CLUSTER, DELEGATION_TOKEN, USER -> false;
      };
    }

    private void onOperations() {
      int bits = (int) walker.number();
      if (bits == NOT_WANTED) {
        return;
      }
      int held = bits & (arrays.isEmpty() ? ofCluster() : ofElement());
      if (held != bits) {
        int edit = walk.edits().defer(walker, walker.start(), walker.stop());
        walk.edits().setNumber(edit, held);
      }
    }

    private int ofCluster() {
      return rights.caller().authorizeCluster(Operation.DESCRIBE).allowed()
          ? rights.caller().authorizedOperations(ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
          : 0;
    }

    private int ofElement() {
      return rights.caller().authorizedOperations(Objects.requireNonNull(described), name);
    }

    private void onElementEnd() {
      int depth = arrays.size();
      if (depth == omitted) {
        walk.edits().dropElement(walker);
        omitted = 0;
      } else if (depth == 1 && replaced != 0) {
        walk.edits().replace(walker, walker.start(), walker.stop(), failed());
        replaced = 0;
      }
      arrays.removeLast();
    }

    /** An element that tells nothing but the error. */
    private byte[] failed() {
      FieldLayout array =
          layout.root().fields().stream()
              .filter(field -> field.name().equals(arrays.getFirst()))
              .findAny()
              .orElseThrow();
      Struct element = Struct.of(array.structOrThrow()).set("ErrorCode", replaced);
      for (FieldLayout field : array.structOrThrow().fields()) {
        if (field.kind() == FieldKind.GROUP_ID) {
          element.set(field.name(), name);
        }
      }
      ByteBuf bytes = Unpooled.buffer();
      TreeWriter.write(element, bytes);
      return ByteBufUtil.getBytes(bytes);
    }
  }
}
