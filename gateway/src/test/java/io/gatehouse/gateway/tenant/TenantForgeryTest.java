package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.schema.Versions;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Requests whose bytes were changed at random: whatever of them arrives at a broker names only what
 * has the prefix of the virtual cluster, or what access rules allow, as the broker reads it.
 */
class TenantForgeryTest {

  private static final Tenant OWN = Tenancy.ALICES;
  private static final int ROUNDS = 3;
  private static final int FIND_COORDINATOR = 10;
  private static final int DESCRIBE_TOPIC_PARTITIONS = 75;
  private static final int TOPOLOGY_DESCRIPTION_UPDATE = 93;

  /**
   * What brokers may read.
   *
   * @param unchecked the APIs with names for which no right is needed
   */
  private record Expected(Predicate<String> allowed, Set<Integer> unchecked) {}

  private static final Set<FieldKind> NAMES =
      Set.of(
          FieldKind.TOPIC_NAME,
          FieldKind.GROUP_ID,
          FieldKind.TRANSACTIONAL_ID,
          FieldKind.COORDINATOR_KEY);

  @Test
  void brokersReadTheTenantsNamesOnly() throws Exception {
    try (Rig rig =
        new Setup()
            .refuseUnknown()
            .external(Canaries.brokers())
            .tenants((_, _) -> new Place.Within(OWN))
            .start()) {
      check(rig, name -> name, new Expected(OWN::sees, Set.of()));
    }
  }

  @Test
  void brokersReadAllowedNamesOnly() throws Exception {
    List<AclBinding> rules = new ArrayList<>();
    for (ResourceType type :
        List.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID)) {
      rules.add(
          new AclBinding(
              new ResourcePattern(type, "open", PatternType.PREFIXED),
              Principal.user("*"),
              AclBinding.ANY_HOST,
              Operation.ALL,
              Permission.ALLOW));
    }
    AclRules all = new AclRules(rules, new AclRules.Settings(Set.of(), false));
    try (Rig rig =
        new Setup()
            .refuseUnknown()
            .external(Canaries.brokers())
            .acls(_ -> new Acls.Access(all, null))
            .start()) {
      // What was refused has another character, and is no name.
      check(
          rig,
          name -> name.hashCode() % 2 == 0 ? "open" + name : name,
          new Expected(
              name -> name.startsWith("open") || !name.matches("[a-zA-Z0-9._-]+"),
              // Where a list goes on, and how a group describes its topology.
              Set.of(DESCRIBE_TOPIC_PARTITIONS, TOPOLOGY_DESCRIPTION_UPDATE)));
    }
  }

  private static void check(Rig rig, UnaryOperator<String> naming, Expected expected)
      throws Exception {
    BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    var _ = Task.start(() -> accept(rig, arrived));
    for (int apiKey : Schemas.get().apiKeys()) {
      if (TenantApis.of(apiKey) != TenantApis.Treatment.TRANSLATED
          || apiKey == Frames.API_VERSIONS
          || apiKey == Frames.SASL_HANDSHAKE
          || apiKey == 36) {
        continue;
      }
      Versions versions = Objects.requireNonNull(Schemas.get().request(apiKey)).valid();
      for (int version = versions.lowest(); version <= versions.highest(); version++) {
        for (int round = 0; round < ROUNDS; round++) {
          forge(rig, apiKey, version, naming, Seed.random(apiKey, version, round));
        }
      }
    }
    assertThat(arrived).as("requests that were forwarded").hasSizeGreaterThan(100);
    int readable = 0;
    for (byte[] frame : arrived) {
      readable += check(frame, expected) ? 1 : 0;
    }
    assertThat(readable).as("requests that a broker can read").isGreaterThan(100);
    assertThat(rig.figures().ends(CloseReason.INTERNAL_ERROR)).isZero();
  }

  /** Sends a changed request; it arrives, is refused, or the session ends. */
  private static void forge(
      Rig rig, int apiKey, int version, UnaryOperator<String> naming, RandomGenerator random)
      throws Exception {
    Struct body =
        NamedMessages.of(
            Frames.requestLayout(apiKey, version),
            Canaries.APPLICATION,
            random,
            new NamedMessages.Naming(naming));
    byte[] frame = Frames.request(apiKey, version, 9, body);
    // The header stays, so that it is a request of this kind.
    for (int changes = 1 + random.nextInt(3); changes > 0 && frame.length > 16; changes--) {
      int at = random.nextInt(14, frame.length);
      frame[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : frame[at] + 1);
    }
    try (RawClient client = RawClient.connect(rig.address().host(), rig.address().port())) {
      client.sendFrame(frame);
      client.socket().setSoTimeout((int) Rig.LIMIT.toMillis());
      // A byte of an answer, or the end: the broker closes when it has a request.
      assertThat(client.socket().getInputStream().read()).isGreaterThanOrEqualTo(-1);
    } catch (SocketException e) {
      // Closed with a reset, because the gateway has not read all.
    }
  }

  /** Keeps each request that arrives at the broker, and closes its connection. */
  private static void accept(Rig rig, BlockingQueue<byte[]> arrived) {
    while (true) {
      try {
        RawClient link = rig.broker().accept(Duration.ofMinutes(1));
        var _ =
            Task.start(() -> {
              try (link) {
                arrived.add(link.readFrame(Rig.LIMIT));
              } catch (IOException e) {
                // The session ended within the request.
              }
            });
      } catch (IOException e) {
        return; // the test has ended
      }
    }
  }

  /** Whether the request can be read. */
  private static boolean check(byte[] frame, Expected expected) {
    int apiKey = Frames.apiKey(frame);
    int version = Frames.version(frame);
    Struct request;
    try {
      request = TenantNamesTest.readRequest(apiKey, version, frame);
    } catch (MalformedMessage | IllegalArgumentException e) {
      return false;
    }
    if (expected.unchecked.contains(apiKey)
        || (!expected.unchecked.isEmpty() && isOfUnknownType(apiKey, request))) {
      return true;
    }
    assertThat(names(request))
        .as("%s v%s %s", Schemas.get().apiName(apiKey), version, Seed.replay())
        .allMatch(expected.allowed);
    return true;
  }

  /** Whether brokers refuse the request because nobody knows what its keys name. */
  private static boolean isOfUnknownType(int apiKey, Struct request) {
    return apiKey == FIND_COORDINATOR
        && request.has("KeyType")
        && (request.getInt("KeyType") < 0 || request.getInt("KeyType") > 1);
  }

  private static List<String> names(Struct request) {
    List<String> names = new ArrayList<>();
    Canaries.structs(request)
        .forEach(struct ->
            fields(struct)
                .filter(field -> field.type() == FieldType.STRING && NAMES.contains(field.kind()))
                .filter(field -> !struct.isNull(field.name()))
                .forEach(field -> {
                  if (field.array()) {
                    struct.getArray(field.name()).forEach(each -> names.add(each.toString()));
                  } else if (!struct.getString(field.name()).isEmpty()) {
                    names.add(struct.getString(field.name()));
                  }
                }));
    return names;
  }

  private static Stream<Layout.FieldLayout> fields(Struct struct) {
    return Stream.concat(struct.layout().fields().stream(), struct.layout().tagged().stream());
  }
}
