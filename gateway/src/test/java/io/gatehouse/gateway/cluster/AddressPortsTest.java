package io.gatehouse.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Retries of ports that are in use, and release of unused ports. */
class AddressPortsTest {

  private static final String HERE = "127.0.0.1";
  private static final HostPort LOCAL = new HostPort(HERE, 9092);
  private static final HostPort SERVER = new HostPort("one.internal", 9092);
  private static final HostPort SEEN = new HostPort("two.internal", 9092);
  private static final HostPort DOWN = new HostPort(HERE, 0);

  private final LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
  private final Set<Integer> taken = new HashSet<>();
  private final List<Integer> tried = new ArrayList<>();
  private final Set<HostPort> connected = new HashSet<>();
  private final List<HostPort> released = new ArrayList<>();
  private final Cluster cluster =
      new Cluster(List.of(SERVER), NodeIds.OWN, () -> Duration.ofMillis(1));
  private long nanos = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos(); // nanoTime may overflow
  private AddressPorts addresses;

  @BeforeEach
  void start() throws IOException {
    var routing =
        new Routing.ByAddress(
            List.of(new Routing.Mapping(SERVER, LOCAL, null)),
            Map.of(),
            new Routing.Dynamic(HERE, null, 20_000, 3, false));
    addresses =
        new AddressPorts(
            new ListenerSettings("test", HERE, null, routing),
            routing,
            cluster,
            new Ports() {
              @Override
              public HostPort open(HostPort address, Target target, AddressBook book)
                  throws IOException {
                return listen(address);
              }

              @Override
              public boolean release(HostPort address) {
                return !connected.contains(address) && released.add(address);
              }
            },
            () -> nanos);
    var _ = addresses.start();
    tried.clear();
  }

  @AfterEach
  void forget() {
    log.close();
  }

  private HostPort listen(HostPort address) throws IOException {
    tried.add(address.port());
    if (!taken.add(address.port())) {
      throw new IOException("cannot listen on " + address);
    }
    return address;
  }

  private HostPort advertised(int nodeId, HostPort broker) {
    return addresses.advertised(nodeId, broker, LOCAL);
  }

  private void later(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void aTakenPortIsRetriedOnceASecondAndLoggedOnceAMinute() {
    taken.addAll(List.of(20_000, 20_001, 20_002));
    assertThat(advertised(2, SEEN)).isEqualTo(DOWN);
    assertThat(tried).containsExactly(20_000, 20_001, 20_002);

    later(Duration.ofMillis(999));
    assertThat(advertised(2, SEEN)).isEqualTo(DOWN);
    assertThat(tried).hasSize(3);

    later(Duration.ofMillis(1));
    assertThat(advertised(2, SEEN)).isEqualTo(DOWN);
    assertThat(tried).hasSize(6);
    assertThat(errors()).hasSize(1);

    later(Duration.ofSeconds(61));
    assertThat(advertised(2, SEEN)).isEqualTo(DOWN);
    assertThat(errors()).hasSize(2);

    later(Duration.ofSeconds(1));
    taken.remove(20_001);
    assertThat(advertised(2, SEEN)).isEqualTo(new HostPort(HERE, 20_001));
  }

  @Test
  void otherBrokersDoNotWaitAndPortsInUseAreNotRetried() {
    taken.add(20_001);
    assertThat(advertised(2, SEEN)).isEqualTo(new HostPort(HERE, 20_000));
    HostPort third = new HostPort("three.internal", 9092);
    assertThat(advertised(3, third)).isEqualTo(new HostPort(HERE, 20_002));
    HostPort fourth = new HostPort("four.internal", 9092);
    assertThat(advertised(4, fourth)).isEqualTo(DOWN);
    HostPort fifth = new HostPort("five.internal", 9092);
    tried.clear();

    taken.remove(20_001);

    assertThat(advertised(5, fifth)).isEqualTo(new HostPort(HERE, 20_001));
    later(Duration.ofSeconds(2));
    assertThat(advertised(4, fourth)).isEqualTo(DOWN);
    assertThat(tried).containsExactly(20_001);
    assertThat(advertised(2, SEEN)).isEqualTo(new HostPort(HERE, 20_000));
  }

  /** Simulates metadata updates every 30 s for this long. */
  private void told(Map<Integer, HostPort> brokers, Duration time) {
    for (Duration past = Duration.ZERO; past.compareTo(time) < 0; past = past.plusSeconds(30)) {
      later(Duration.ofSeconds(30));
      cluster.learnAll(brokers, Map.of());
    }
  }

  @Test
  void thePortOfABrokerMissingForAnHourIsReleased() {
    HostPort port = advertised(2, SEEN);
    told(Map.of(1, SERVER, 2, SEEN), Duration.ofHours(3));
    assertThat(released).isEmpty();

    told(Map.of(1, SERVER), Duration.ofMinutes(59));
    assertThat(released).isEmpty();
    told(Map.of(1, SERVER), Duration.ofMinutes(4));

    assertThat(released).containsExactly(port);
    log.await("has not named broker two.internal:9092 for an hour, so 127.0.0.1:20000 is closed");
    taken.remove(port.port());
    // All three can be opened again.
    for (int id = 3; id < 6; id++) {
      assertThat(advertised(id, new HostPort("other" + id, 9092))).isNotEqualTo(DOWN);
    }
    assertThat(advertised(1, SERVER)).as("as the settings say").isEqualTo(LOCAL);
  }

  @Test
  void aPortWithAConnectedClientIsNotReleased() {
    HostPort port = advertised(2, SEEN);
    connected.add(port);
    told(Map.of(1, SERVER), Duration.ofHours(2));
    assertThat(released).isEmpty();
    assertThat(advertised(2, SEEN)).isEqualTo(port);

    connected.clear();
    told(Map.of(1, SERVER), Duration.ofMinutes(50));
    assertThat(released).as("it was named meanwhile").isEmpty();
    told(Map.of(1, SERVER), Duration.ofMinutes(14));

    assertThat(released).containsExactly(port);
  }

  @Test
  void timeWithoutMetadataDoesNotCount() {
    var _ = advertised(2, SEEN);
    told(Map.of(1, SERVER), Duration.ofMinutes(50));
    later(Duration.ofHours(2));
    told(Map.of(1, SERVER), Duration.ofMinutes(50));

    assertThat(released).isEmpty();
  }

  private List<String> errors() {
    return log.lines().stream().filter(line -> line.startsWith("ERROR")).toList();
  }
}
