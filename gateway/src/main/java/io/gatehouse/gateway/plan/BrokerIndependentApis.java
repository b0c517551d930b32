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
 * The requests that a client may send without having said which broker it wants (no server name).
 * Allowed are requests that every broker answers, and those that brokers forward to the controller.
 * All others, including unknown APIs, need a leader, a coordinator or a particular broker. Any
 * other broker would answer them with errors that clients retry silently, so they are refused.
 */
final class BrokerIndependentApis {

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
          32, // DescribeConfigs; a broker refuses that of another broker with a clear error
          33, // AlterConfigs, as DescribeConfigs
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

  /**
   * The limit of an InitProducerId request, which contains little more than a transactional id. Its
   * announced length is reserved before it arrives, so it must be far below the shared budget.
   */
  private static final int MAX_BYTES = 32 << 10;

  private BrokerIndependentApis() {}

  /**
   * The rule for such a client's request.
   *
   * @param rule the rule for clients that have said which broker they want
   */
  static RequestRule rule(int apiKey, int version, RequestRule rule) {
    if (rule instanceof RequestRule.Refuse
        || rule instanceof RequestRule.Disconnect
        || APIS.contains(apiKey)) {
      return rule;
    }
    MessageSchema schema = Schemas.get().request(INIT_PRODUCER_ID);
    if (apiKey == INIT_PRODUCER_ID && schema != null && schema.valid().contains(version)) {
      Program program =
          Program.ofRequest(schema.layout(version), EnumSet.of(FieldKind.TRANSACTIONAL_ID));
      RequestRule.Decide decide =
          rule instanceof RequestRule.Decide step
              ? step
              : new RequestRule.Decide((_, _) -> Decision.FORWARD, rule);
      return new RequestRule.Decide(
          (caller, frame) ->
              isIdempotentOnly(program, frame) ? decide.step().onRequest(caller, frame) : REFUSAL,
          decide.then(),
          MAX_BYTES);
    }
    return REFUSED;
  }

  /** Every broker assigns producer ids; only transactional ones need their coordinator. */
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
