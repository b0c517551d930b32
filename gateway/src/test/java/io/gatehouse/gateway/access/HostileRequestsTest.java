package io.gatehouse.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.access.RequestAuthorizer.Outcome;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.cluster.TopicIds;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Requests by which a client would get more than access rules allow it. */
class HostileRequestsTest {

  private static final int HEADER_BYTES = 12;
  private static final int STREAMS_GROUP_HEARTBEAT = 88;

  private final VisibleTopics topics = new VisibleTopics(new TopicIds(), null);

  private static AclCaller alice(AclBinding... rules) {
    return new AclRules(List.of(rules), new AclRules.Settings(Set.of(), false))
        .caller("alice", List.of(), "127.0.0.1");
  }

  private static ByteBuf framed(ByteBuf to, byte[] request) {
    return to.writeInt(request.length).writeBytes(request);
  }

  private Outcome check(AclCaller caller, ByteBuf frame) {
    int apiKey = frame.getShort(4);
    int version = frame.getShort(6);
    return Objects.requireNonNull(RequestAuthorizer.of(apiKey, version, topics))
        .check(caller, frame, (_, _) -> {});
  }

  /**
   * Else the gateway would announce another length than it sends, and the rest would be a request.
   */
  @Test
  void anOverlongLengthDoesNotChangeTheSizeOfARequest() {
    Struct body = Frames.newRequest(Frames.PRODUCE, 9).set("TransactionalId", "unique");
    String frame =
        new String(Frames.request(Frames.PRODUCE, 9, 1, body), StandardCharsets.ISO_8859_1);
    String overlong = frame.replace("\u0007unique", "\u0087\u0080\u0080\u0080\u0000unique");
    assertThat(overlong).hasSize(frame.length() + 4);
    ByteBuf in = framed(Unpooled.buffer(), overlong.getBytes(StandardCharsets.ISO_8859_1));
    StreamedNames names =
        StreamedNames.ofProduceRequest(
            null, Frames.requestLayout(Frames.PRODUCE, 9), EnumSet.of(FieldKind.ACKS));
    int growth =
        names.growth(
            new Walker(),
            HEADER_BYTES - Integer.BYTES,
            in.getInt(0),
            in,
            HEADER_BYTES,
            in.readableBytes());
    assertThat(growth).isZero();
  }

  @Test
  void internalTopicsOfStreamsGroupsNeedTheRightToCreate() {
    Struct body = Frames.newRequest(STREAMS_GROUP_HEARTBEAT, 0).set("GroupId", "group");
    body.makeStruct("Topology")
        .addStruct("Subtopologies")
        .addStruct("StateChangelogTopics")
        .set("Name", "changes");
    ByteBuf frame = framed(Unpooled.buffer(), Frames.request(STREAMS_GROUP_HEARTBEAT, 0, 1, body));
    AclBinding group = AclGateway.allow("alice", Operation.READ, ResourceType.GROUP, "group");
    AclBinding topic = AclGateway.allow("alice", Operation.READ, ResourceType.TOPIC, "changes");
    assertThat(check(alice(group, topic), frame))
        .isEqualTo(new Outcome.Refused(ErrorCode.TOPIC_AUTHORIZATION_FAILED.number()));
    AclBinding create = AclGateway.allow("alice", Operation.CREATE, ResourceType.TOPIC, "changes");
    assertThat(check(alice(group, topic, create), frame)).isEqualTo(Outcome.ALLOWED);
  }

  @Test
  void whatCannotBeAnsweredInPartLeavesNoMemoryBehind() {
    Struct body = Frames.newRequest(Frames.METADATA, 9);
    body.set("Topics", List.of());
    for (int i = 0; i < 150_000; i++) {
      body.addStruct("Topics").set("Name", "t");
    }
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    ByteBuf frame = framed(allocator.directBuffer(), Frames.request(Frames.METADATA, 9, 1, body));
    assertThat(check(alice(), frame))
        .isEqualTo(new Outcome.Refused(ErrorCode.TOPIC_AUTHORIZATION_FAILED.number()));
    frame.release();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }
}
