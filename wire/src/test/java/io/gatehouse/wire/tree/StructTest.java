package io.gatehouse.wire.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gatehouse.wire.Messages;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StructTest {

  private final Struct createTopics = struct("CreateTopicsRequest", 7);
  private final Struct metadata = struct("MetadataRequest", 12);

  @Test
  void aFieldOfAnotherVersionIsNotThere() {
    assertThat(struct("MetadataResponse", 1).has("ThrottleTimeMs")).isFalse();
    assertThat(struct("MetadataResponse", 3).has("ThrottleTimeMs")).isTrue();
  }

  @Test
  void aWrongNameIsRefusedWithTheNamesThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> createTopics.set("topcis", List.of()))
        .withMessage(
            "CreateTopicsRequest has no field 'topcis' in this version; it has [Topics, timeoutMs,"
                + " validateOnly]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> struct("ApiVersionsRequest", 0).get("Any"))
        .withMessage("ApiVersionsRequest has no field 'Any' in this version; it has []");
  }

  @Test
  void setIfPresentLeavesOtherVersionsAlone() {
    Struct old = struct("MetadataResponse", 1);
    Struct untouched = struct("MetadataResponse", 1);

    assertThat(old.setIfPresent("ThrottleTimeMs", 5)).isEqualTo(untouched);
    assertThat(
            struct("MetadataResponse", 3)
                .setIfPresent("ThrottleTimeMs", 5)
                .getInt("ThrottleTimeMs"))
        .isEqualTo(5);
  }

  @Test
  void integersOfAnyClassAreTakenWhereTheyFit() {
    Struct topic = createTopics.addStruct("Topics");

    topic.set("ReplicationFactor", 3L);

    assertThat(topic.get("ReplicationFactor")).isEqualTo((short) 3);
    assertThat(topic.getLong("ReplicationFactor")).isEqualTo(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> topic.set("ReplicationFactor", 40_000))
        .withMessageContaining("Topics.ReplicationFactor: 40000 is not within -32768 to 32767");
    Struct port = struct("DescribeQuorumResponse", 2).addStruct("Nodes").addStruct("Listeners");
    assertThat(port.set("Port", 65_535).getInt("Port")).isEqualTo(65_535);
    assertThatIllegalArgumentException().isThrownBy(() -> port.set("Port", 65_536));
    assertThatIllegalArgumentException().isThrownBy(() -> port.set("Port", -1));
  }

  @Test
  void aValueOfAnotherTypeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> createTopics.addStruct("Topics").set("Name", 7))
        .withMessage("Topics.Name: takes a String, not a Integer");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> createTopics.set("Topics", "none"))
        .withMessageContaining("takes a List");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> createTopics.set("Topics", List.of(metadata)))
        .withMessageContaining("takes a Struct 'Topics' of the same version");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> createTopics.set("validateOnly", 1))
        .withMessageContaining("takes a Boolean");
  }

  @Test
  void aStructOfAnotherVersionIsRefused() {
    Struct older = struct("CreateTopicsRequest", 4).addStruct("Topics");
    Struct same = struct("CreateTopicsRequest", 7).addStruct("Topics");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> createTopics.set("Topics", List.of(older)))
        .withMessageContaining("of the same version");
    assertThat(createTopics.set("Topics", List.of(same)).getStructs("Topics"))
        .containsExactly(same);
  }

  @Test
  void nullIsTakenWhereTheVersionAllowsIt() {
    assertThat(metadata.set("Topics", null).isNull("Topics")).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> struct("MetadataRequest", 0).set("Topics", null))
        .withMessage("MetadataRequest.Topics: must not be null in this version");
  }

  @Test
  void aNullArrayIsNotAnEmptyOne() {
    metadata.set("Topics", null);

    assertThatIllegalStateException()
        .isThrownBy(() -> metadata.getStructs("Topics"))
        .withMessage("MetadataRequest.Topics is null");
    assertThat(metadata.addStruct("Topics").set("Name", "t").getString("Name")).isEqualTo("t");
    assertThat(metadata.getStructs("Topics")).hasSize(1);
  }

  @Test
  void aGetterOfAnotherTypeNamesTheActualType() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> createTopics.getString("timeoutMs"))
        .withMessage("CreateTopicsRequest.timeoutMs holds Integer and was asked for as String");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> struct("AllocateProducerIdsRequest", 0).getInt("BrokerEpoch"))
        .withMessageContaining("asked for as an int");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> struct("FindCoordinatorRequest", 4).getStructs("CoordinatorKeys"))
        .withMessageContaining("an array of structs");
  }

  @Test
  void modifiedListsAreCheckedWhenWritten() {
    Struct find = struct("FindCoordinatorRequest", 4);
    find.getArray("CoordinatorKeys").add(5);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TreeWriter.size(find))
        .withMessage("FindCoordinatorRequest.CoordinatorKeys: takes a String, not a Integer");
  }

  @Test
  void aListThatWasSetIsACopy() {
    Struct find = struct("FindCoordinatorRequest", 4);
    List<String> keys = new ArrayList<>(List.of("a"));
    find.set("CoordinatorKeys", keys);

    keys.add("b");

    assertThat(find.getArray("CoordinatorKeys")).containsExactly("a");
  }

  @Test
  void aNullElementIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            struct("FindCoordinatorRequest", 4).set("CoordinatorKeys", Arrays.asList("a", null)))
        .withMessageContaining("takes a String, not null");
  }

  @Test
  void aNullDefaultThatTheVersionForbidsMustBeSetBeforeWriting() {
    Struct old = struct("ConsumerProtocolAssignment", 0);
    assertThat(old.isNull("UserData")).isTrue();
    Struct rack = struct("AlterPartitionReassignmentsRequest", 0);
    assertThat(TreeWriter.size(rack)).isPositive();

    Struct topics = struct("MetadataRequest", 0);
    topics.put(0, null);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TreeWriter.size(topics))
        .withMessage("MetadataRequest.Topics: must not be null in this version; set it");
  }

  @Test
  void aStringTooLongForKafkaIsRefused() {
    Struct topic = createTopics.addStruct("Topics");
    topic.set("Name", "ä".repeat(16_384));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TreeWriter.size(createTopics))
        .withMessageContaining("32768 bytes");
    topic.set("Name", "ä".repeat(16_383));
    assertThat(TreeWriter.size(createTopics)).isGreaterThan(32_766);
  }

  @Test
  void aTaggedFieldAtItsDefaultIsLeftOut() {
    Struct fetch = struct("FetchRequest", 17);
    int bare = TreeWriter.size(fetch);

    fetch.set("ClusterId", "c");
    assertThat(TreeWriter.size(fetch)).isEqualTo(bare + 4);
    fetch.set("ClusterId", null);
    assertThat(TreeWriter.size(fetch)).isEqualTo(bare);
    fetch.getStruct("ReplicaState").set("ReplicaId", 3);
    assertThat(TreeWriter.size(fetch)).isGreaterThan(bare);
    fetch.makeStruct("ReplicaState");
    assertThat(TreeWriter.size(fetch)).isEqualTo(bare);
  }

  @Test
  void unknownTagsAreWrittenBetweenTheKnownOnes() {
    Struct response = struct("ApiVersionsResponse", 3);
    response.set("FinalizedFeaturesEpoch", 7L); // tag 1
    response.set("ZkMigrationReady", true); // tag 3
    response.setUnknownTag(9, new byte[] {90});
    response.setUnknownTag(200, new byte[] {});
    response.setUnknownTag(5, new byte[] {50});

    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(response, out);
    byte[] tail = new byte[out.readableBytes() - 7];
    out.getBytes(7, tail);

    // error code, array and throttle time take 7 bytes; then come 5 tagged fields
    assertThat(tail)
        .containsExactly(
            5, 1, 8, 0, 0, 0, 0, 0, 0, 0, 7, 3, 1, 1, 5, 1, 50, 9, 1, 90, (byte) 200, 1, 0);
    assertThat(TreeReader.readWhole(Messages.schema("ApiVersionsResponse").layout(3), out))
        .isEqualTo(response);
  }

  @Test
  void anUnknownTagMustBeUnknownAndTheVersionFlexible() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> struct("ApiVersionsResponse", 3).setUnknownTag(1, new byte[0]))
        .withMessageContaining("tag 1 is a known field");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> struct("ApiVersionsResponse", 3).setUnknownTag(-1, new byte[0]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> struct("ApiVersionsResponse", 2).setUnknownTag(50, new byte[0]))
        .withMessageContaining("no tagged fields");
  }

  @Test
  void anUnknownTagCanBeRemoved() {
    Struct response = struct("ApiVersionsResponse", 3);
    response.setUnknownTag(9, new byte[] {1});

    response.removeUnknownTag(8);
    assertThat(response.unknownTags()).containsOnlyKeys(9);
    response.removeUnknownTag(9);
    assertThat(response).isEqualTo(struct("ApiVersionsResponse", 3));
  }

  @Test
  void equalityLooksAtEveryValue() {
    Struct one = token();
    Struct other = token();

    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(token().set("Hmac", new byte[] {1, 3})).isNotEqualTo(one);
    assertThat(struct("CreateDelegationTokenResponse", 2)).isNotEqualTo(one);
    other.setUnknownTag(1, new byte[] {4});
    assertThat(one).isNotEqualTo(other);
    one.setUnknownTag(1, new byte[] {5});
    assertThat(one).isNotEqualTo(other);
  }

  @Test
  void idsAreJavasUuids() {
    UUID id = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    Struct topic = metadata.addStruct("Topics").set("TopicId", id);

    assertThat(topic.getUuid("TopicId")).isEqualTo(id);
  }

  private static Struct token() {
    return struct("CreateDelegationTokenResponse", 3).set("Hmac", new byte[] {1, 2});
  }

  private static Struct struct(String name, int version) {
    return Struct.of(Messages.schema(name).layout(version));
  }
}
