package io.gatehouse.gateway.access;

import io.gatehouse.gateway.access.RequestAuthorizer.Outcome;
import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.acl.Demand.Right;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.tenant.FrameWalk;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.gateway.tenant.TopicMask;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Masks the topics that a client must not read, in whole requests to fetch, see {@link TopicMask}.
 * A session of fetches (KIP-227) so gets the errors in each response, as at a broker that refuses
 * the topics itself. A session that began under other rules must begin anew.
 */
public final class FetchAuthorizer {

  private static final int FETCH = 1;
  private static final int SHARE_FETCH = 78;
  private static final int HEADER_BYTES = 12;

  /** Maximum number of topic ids of one request that the cluster is asked for at once. */
  private static final int MAX_ASKED = 1_000;

  private static final Set<FieldKind> KINDS =
      EnumSet.of(
          FieldKind.TOPIC_NAME, FieldKind.TOPIC_ID, FieldKind.BROKER_ID, FieldKind.SESSION_EPOCH);

  private static final Map<Integer, Program> PROGRAMS = new ConcurrentHashMap<>();

  private static final Right READ = new Right(Operation.READ, ResourceType.TOPIC);

  private final Program program;
  private final VisibleTopics topics;
  private final ErrorCode noSession;

  private FetchAuthorizer(Program program, VisibleTopics topics, ErrorCode noSession) {
    this.program = program;
    this.topics = topics;
    this.noSession = noSession;
  }

  static boolean isFetch(int apiKey) {
    return apiKey == FETCH || apiKey == SHARE_FETCH;
  }

  /** Null for all other APIs. */
  public static @Nullable FetchAuthorizer of(int apiKey, int version, VisibleTopics topics) {
    if (!isFetch(apiKey)) {
      return null;
    }
    MessageSchema schema = Objects.requireNonNull(Schemas.get().request(apiKey));
    Program program =
        PROGRAMS.computeIfAbsent(
            apiKey << 16 | version, _ -> Program.ofRequest(schema.layout(version), KINDS));
    return new FetchAuthorizer(
        program,
        topics,
        apiKey == FETCH ? ErrorCode.FETCH_SESSION_ID_NOT_FOUND : ErrorCode.SHARE_SESSION_NOT_FOUND);
  }

  /**
   * Masks topics in a request.
   *
   * @param frame with its length; may be modified
   * @param session the client's at this broker
   * @param denials is told of each missing right
   */
  public Outcome mask(AclCaller caller, FetchSession session, ByteBuf frame, Denials denials) {
    Look look;
    FrameWalk walk = FrameWalk.over(frame, HEADER_BYTES, program);
    try {
      look = look(caller, session, walk.walker());
    } finally {
      walk.end();
    }
    if (look.decided != null) {
      return look.decided;
    }
    walk = FrameWalk.over(frame, HEADER_BYTES, program);
    try {
      return new Masking(caller, walk, denials, look.ofFollower).run();
    } finally {
      walk.end();
    }
  }

  /**
   * What a first look at a request tells.
   *
   * @param decided about the request as a whole; null for nothing
   * @param ofFollower whether the client poses as a broker, and so must not read anything
   */
  private record Look(@Nullable Outcome decided, boolean ofFollower) {}

  private Look look(AclCaller caller, FetchSession session, Walker walker) {
    List<UUID> unresolved = new ArrayList<>();
    boolean ofFollower = false;
    while (walker.next() == Walker.Step.FIELD) {
      switch (walker.kind()) {
        case BROKER_ID -> {
          ofFollower = walker.number() >= 0;
          if (ofFollower && caller.authorizeCluster(Operation.CLUSTER_ACTION).allowed()) {
            return new Look(Outcome.ALLOWED, true);
          }
        }
        case SESSION_EPOCH -> {
          if (!session.admits((int) walker.number())) {
            return new Look(new Outcome.Refused(noSession.number()), ofFollower);
          }
        }
        case TOPIC_ID -> {
          UUID id = new UUID(walker.numberHigh(), walker.number());
          if (!TopicMask.isMasked(walker.numberHigh())
              && topics.isUnresolved(id)
              && unresolved.size() < MAX_ASKED) {
            unresolved.add(id);
          }
        }
        default -> {}
      }
    }
    return new Look(
        unresolved.isEmpty() ? null : new Outcome.Later(topics.resolve(unresolved)), ofFollower);
  }

  /** The masking of one request. */
  private final class Masking {

    private final AclCaller caller;
    private final FrameWalk walk;
    private final Denials denials;
    private final boolean ofFollower;

    Masking(AclCaller caller, FrameWalk walk, Denials denials, boolean ofFollower) {
      this.ofFollower = ofFollower;
      this.caller = caller;
      this.walk = walk;
      this.denials = denials;
    }

    Outcome run() {
      Walker walker = walk.walker();
      while (walker.next() == Walker.Step.FIELD) {
        if (walker.kind() == FieldKind.TOPIC_ID) {
          maskId(walker);
        } else if (walker.kind() == FieldKind.TOPIC_NAME && walker.valueLength() > 0) {
          int at = walk.valueIndex();
          int length = walker.valueLength();
          if (!TopicMask.isMasked(walk.frame(), at, length)
              && !mayRead(walker.text())
              && !TopicMask.mask(walk.frame(), at, length)) {
            return new Outcome.Refused(ErrorCode.TOPIC_AUTHORIZATION_FAILED.number());
          }
        }
      }
      return Outcome.ALLOWED;
    }

    private void maskId(Walker walker) {
      long high = walker.numberHigh();
      long low = walker.number();
      if ((high | low) == 0 || TopicMask.isMasked(high)) {
        return;
      }
      String name = topics.name(new UUID(high, low));
      if (name == null ? ofFollower : !mayRead(name)) {
        walker.setUuid(TopicMask.masked(high), low);
      } else if (name == null) {
        // A topic that this node does not know must not reach a broker that does.
        walker.setUuid(Names.masked(high), low);
      }
    }

    private boolean mayRead(String topic) {
      boolean may =
          !ofFollower && caller.authorize(Operation.READ, ResourceType.TOPIC, topic).allowed();
      if (!may) {
        denials.onMissing(READ, topic);
      }
      return may;
    }
  }
}
