package io.gatehouse.gateway.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.cluster.TopicIds;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What is done with each api and version, as a table that people can read. When it changes on
 * purpose, target/plan.txt is the new one.
 */
class PlanTest {

  private static final Caller CALLER = new Caller(User.named("alice"), "PLAIN", "x");

  private static final int LAST_API = 100;

  private static final ApiRules DEFAULT = ApiRules.NONE;
  private static final ApiRules STRICT =
      new ApiRules(Set.of(20, 37), true, ApiRules.Unknown.REFUSE);
  private static final ApiRules RELAYING = new ApiRules(Set.of(), false, ApiRules.Unknown.RELAY);

  private final StringBuilder table = new StringBuilder();

  @Test
  void thePlanMatchesItsTable() throws IOException {
    Plan usual = plan(DEFAULT, Plan.Sasl.PASSED, true);
    table.append("# SASL passes to brokers, default rules\n");
    for (int api = 0; api < LAST_API; api++) {
      rows(usual, api, null);
    }
    differences("SASL ends here, before the login", plan(DEFAULT, Plan.Sasl.BEFORE_LOGIN, true));
    differences("SASL ends here, after the login", plan(DEFAULT, Plan.Sasl.TERMINATED, true));
    differences("the gateway logs in for the client", plan(DEFAULT, Plan.Sasl.REFUSED, true));
    differences("the client named no broker", plan(DEFAULT, Plan.Sasl.PASSED, false));
    differences("apis 20 and 37 forbidden, acks=0 forbidden", plan(STRICT, Plan.Sasl.PASSED, true));
    differences("unknown apis are relayed", plan(RELAYING, Plan.Sasl.PASSED, true));
    differences(
        "the cluster has a failover cluster",
        plan(DEFAULT, new Plan.Scope(Plan.Sasl.PASSED, true, new ProducerIds(0)), Steps.NONE));
    differences(
        "clients were switched to a failover cluster",
        plan(DEFAULT, new Plan.Scope(Plan.Sasl.PASSED, true, new ProducerIds(1)), Steps.NONE));
    Names names = new Names(new Tenant("team", "team-"), new TopicIds());
    differences(
        "the user belongs to a virtual cluster",
        plan(
            DEFAULT,
            new Plan.Scope(
                Plan.Sasl.TERMINATED,
                true,
                null,
                new Plan.Sight(new Place.Within(names.tenant()), names, null)),
            Steps.NONE));
    differences(
        "the user belongs nowhere",
        plan(
            DEFAULT,
            new Plan.Scope(
                Plan.Sasl.TERMINATED,
                true,
                null,
                new Plan.Sight(new Place.Nowhere("gone"), null, null)),
            Steps.NONE));
    differences(
        "access rules restrict the user",
        plan(
            DEFAULT,
            new Plan.Scope(
                Plan.Sasl.TERMINATED,
                true,
                null,
                new Plan.Sight(Place.PASSTHROUGH, null, new VisibleTopics(new TopicIds(), null))),
            Steps.NONE));
    differences(
        "steps for requests of api 19, responses of api 3, both of api 0",
        plan(DEFAULT, new Plan.Scope(Plan.Sasl.PASSED, true, null), new SomeSteps()));
    differences(
        "these steps, apis 20 and 37 forbidden, acks=0 forbidden",
        plan(STRICT, new Plan.Scope(Plan.Sasl.PASSED, true, null), new SomeSteps()));

    Path made = Files.writeString(Path.of("target/plan.txt"), table);
    try (InputStream expected = PlanTest.class.getResourceAsStream("plan.txt")) {
      assertThat(table.toString())
          .as("the plan, see " + made)
          .isEqualTo(new String(Objects.requireNonNull(expected).readAllBytes(), UTF_8));
    }
  }

  private void differences(String what, Plan plan) {
    table.append("\n# ").append(what).append(": what differs\n");
    for (int api = 0; api < LAST_API; api++) {
      rows(plan, api, plan(DEFAULT, Plan.Sasl.PASSED, true));
    }
  }

  private static Plan plan(ApiRules rules, Plan.Sasl sasl, boolean brokerNamed) {
    return plan(rules, new Plan.Scope(sasl, brokerNamed, null), Steps.NONE);
  }

  private static Plan plan(ApiRules rules, Plan.Scope scope, Steps steps) {
    return new Plans(rules, Integer.MAX_VALUE, steps).of(scope, CALLER);
  }

  private static final class SomeSteps implements Steps {
    @Override
    public @Nullable RequestStep request(int apiKey, int version) {
      return apiKey == 0 || apiKey == 19 ? (_, _) -> Decision.FORWARD : null;
    }

    @Override
    public @Nullable ResponseStep response(int apiKey, int version) {
      return apiKey == 0 || apiKey == 3 ? (_, _) -> Decision.FORWARD : null;
    }
  }

  /** One line for each range of versions with which the same is done. */
  private void rows(Plan plan, int api, @Nullable Plan other) {
    MessageSchema schema = Schemas.get().request(api);
    int highest = schema == null || schema.valid().isEmpty() ? 0 : schema.valid().highest();
    int from = 0;
    for (int version = 0; version <= highest + 1; version++) {
      String treatment = treatment(plan, api, version);
      if (version == highest + 1 || !treatment.equals(treatment(plan, api, version + 1))) {
        boolean differs = other == null;
        for (int each = from; other != null && !differs && each <= version; each++) {
          differs = !treatment(other, api, each).equals(treatment);
        }
        if (differs && (schema != null || other != null)) {
          String name = Schemas.get().apiName(api);
          table
              .append(api)
              .append(' ')
              .append(name == null ? "unknown" : name)
              .append(' ')
              .append(version == highest + 1 ? from + "+" : from + "-" + version)
              .append(": ")
              .append(treatment)
              .append('\n');
        }
        from = version + 1;
      }
    }
  }

  private static String treatment(Plan plan, int api, int version) {
    Route route = plan.route(api, version);
    return switch (route.request()) {
      case RequestRule.Disconnect _,
          RequestRule.Expel _,
          RequestRule.Unauthenticated _,
          RequestRule.Authenticate _ ->
          request(route.request());
      case RequestRule.Refuse refuse
          when refuse.refusal().cause() != RefusalReason.UNKNOWN_VERSION ->
          request(refuse);
      default -> request(route.request()) + " / " + response(route.response());
    };
  }

  private static String request(RequestRule rule) {
    return switch (rule) {
      case RequestRule.Relay _ -> "relay";
      case RequestRule.Produce produce ->
          (produce.acksZeroForbidden() ? "relay, acks=0 refused" : "relay, acks")
              + (produce.producerIds() == null ? "" : ", producer ids replaced")
              + (produce.names() == null ? "" : ", names translated");
      case RequestRule.Refuse refuse -> "refuse (" + refuse.refusal().cause() + ")";
      case RequestRule.Decide decide -> "decide, " + request(decide.then());
      case RequestRule.Disconnect _ -> "disconnect";
      case RequestRule.Authenticate _ -> "authenticate";
      case RequestRule.Unauthenticated _ -> "not before login";
      case RequestRule.Expel _ -> "expel";
      case RequestRule.Inspect _ -> "relay, read the name";
    };
  }

  private static String response(ResponseRule rule) {
    return switch (rule) {
      case ResponseRule.Relay _ -> "relay";
      case ResponseRule.Edit edit -> edit(edit);
      case ResponseRule.Versions _ -> "versions";
      case ResponseRule.Rename _ -> "names translated in the stream";
      case ResponseRule.RawToken _, ResponseRule.ToGateway _, ResponseRule.Discard _ ->
          "not a client's";
      case ResponseRule.Decide decide -> "decide, " + response(decide.then());
    };
  }

  private static String edit(ResponseRule.Edit edit) {
    if (edit.masked() != null && edit.program().hasAddresses()) {
      return "addresses, node ids and leader epochs";
    }
    if (edit.program().hasAddresses()) {
      return edit.program().mayStream() ? "addresses in the tail" : "addresses";
    }
    if (edit.masked() != null) {
      return "leader epochs";
    }
    if (!edit.program().isEdited()) {
      return "error codes";
    }
    return edit.streamsAbove() > 1 << 20 ? "configurations" : "error messages";
  }
}
