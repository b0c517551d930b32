package io.gatehouse.gateway.plan;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.util.EnumSet;
import java.util.Set;

/**
 * What may be asked by a client that did not say which broker it wants. Requests that every broker
 * answers pass, and those that only the controller carries out, since brokers hand them on. All
 * others need a leader, a coordinator or one broker in particular: they would come back with errors
 * that clients retry in silence, and are refused, as are apis that are not listed here.
 */
final class AnyBroker {

  private static final int INIT_PRODUCER_ID = 22;

  private static final Set<Integer> APIS =
      Set.of(
          3, // Metadata
          10, // FindCoordinator
          Plan.SASL_HANDSHAKE,
          Plan.API_VERSIONS,
          19, // CreateTopics
          20, // DeleteTopics
          29, // DescribeAcls
          30, // CreateAcls
          31, // DeleteAcls
          32, // DescribeConfigs: of another broker it is refused by the broker, which says so
          33, // AlterConfigs, likewise
          Plan.SASL_AUTHENTICATE,
          37, // CreatePartitions
          38, // CreateDelegationToken
          39, // RenewDelegationToken
          40, // ExpireDelegationToken
          41, // DescribeDelegationToken
          43, // ElectLeaders
          44, // IncrementalAlterConfigs, as DescribeConfigs
          45, // AlterPartitionReassignments
          46, // ListPartitionReassignments
          48, // DescribeClientQuotas
          49, // AlterClientQuotas
          50, // DescribeUserScramCredentials
          51, // AlterUserScramCredentials
          55, // DescribeQuorum
          57, // UpdateFeatures
          60, // DescribeCluster
          64, // UnregisterBroker
          71, // GetTelemetrySubscriptions
          72, // PushTelemetry
          74, // ListConfigResources
          75, // DescribeTopicPartitions
          80, // AddRaftVoter
          81); // RemoveRaftVoter

  private static final RequestRule REFUSED = new RequestRule.Refuse(ErrorRefusal.NO_SERVER_NAME);

  private static final Decision REFUSAL = new Decision.Refuse(ErrorRefusal.NO_SERVER_NAME);

  private AnyBroker() {}

  /**
   * What is done with such a client's request.
   *
   * @param usual what would be done with it otherwise
   */
  static RequestRule rule(int apiKey, int version, RequestRule usual) {
    if (usual instanceof RequestRule.Refuse
        || usual instanceof RequestRule.Hangup
        || APIS.contains(apiKey)) {
      return usual;
    }
    MessageSchema schema = Schemas.get().request(INIT_PRODUCER_ID);
    if (apiKey == INIT_PRODUCER_ID && schema != null && schema.valid().contains(version)) {
      Program program =
          Program.ofRequest(schema.layout(version), EnumSet.of(FieldKind.TRANSACTIONAL_ID));
      RequestRule.Decide decide =
          usual instanceof RequestRule.Decide step
              ? step
              : new RequestRule.Decide((_, _) -> Decision.FORWARD, usual);
      return new RequestRule.Decide(
          (caller, frame) ->
              isIdempotentOnly(program, frame) ? decide.step().onRequest(caller, frame) : REFUSAL,
          decide.then());
    }
    return REFUSED;
  }

  /** Producer ids come from any broker; only those for transactions from their coordinator. */
  private static boolean isIdempotentOnly(Program program, ByteBuf frame) {
    int at = frame.readerIndex();
    Walker walker = new Walker();
    walker.start(program, 8, frame.getInt(at));
    walker.feed(frame, at + 12, frame.writerIndex());
    try {
      return walker.next() == Walker.Step.FIELD && walker.isNull();
    } catch (MalformedMessage e) {
      return false;
    }
  }
}
