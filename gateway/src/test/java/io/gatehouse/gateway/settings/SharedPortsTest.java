package io.gatehouse.gateway.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listeners with SNI routing that share a port. */
class SharedPortsTest {

  private static final Entry ENTRY =
      Entry.OPEN.with(ServerTls.of(new KeySource.Text("certificate", new Secret("key"), null)));

  private static ListenerSettings listener(String name, String pattern, String bootstrap) {
    return listener(name, pattern, bootstrap, 19092, ENTRY);
  }

  private static ListenerSettings listener(
      String name, String pattern, String bootstrap, int port, Entry entry) {
    return new ListenerSettings(
        name,
        "0.0.0.0",
        null,
        new Routing.BySni(new PortPlan.Pair(port, port), HostPattern.parse(pattern), bootstrap),
        entry);
  }

  @ParameterizedTest
  @CsvSource({
    "b-{{nodeId}}.x.org, boot.x.org, b-{{nodeId}}.x.org, other.x.org, b-1.x.org",
    "b-{{nodeId}}.x.org, boot.x.org, B-{{nodeId}}.X.org, other.x.org, b-1.x.org",
    "b-{{nodeId}}.x.org, boot.x.org, c-{{nodeId}}.x.org, boot.x.org, boot.x.org",
    "b-{{nodeId}}.x.org, boot.x.org, c-{{nodeId}}.x.org, b-7.x.org, b-7.x.org",
    "b-{{nodeId}}.x.org, c-7.x.org, c-{{nodeId}}.x.org, boot.x.org, c-7.x.org",
    "b{{nodeId}}.x.org, boot.x.org, b1{{nodeId}}.x.org, other.x.org, b11.x.org",
    "b{{nodeId}}5.x.org, boot.x.org, b2{{nodeId}}.x.org, other.x.org, b25.x.org",
  })
  void aNameCannotBelongToTwoListeners(
      String one, String oneBootstrap, String other, String otherBootstrap, String name) {
    List<ListenerSettings> both =
        List.of(listener("one", one, oneBootstrap), listener("other", other, otherBootstrap));

    assertThat(SharedPorts.problems(both))
        .singleElement()
        .asString()
        .contains("listeners one and other share 0.0.0.0:19092")
        .contains("host name " + name + " ");
  }

  @ParameterizedTest
  @CsvSource({
    "b-{{nodeId}}.x.org, boot.x.org, b-{{nodeId}}.y.org, boot.y.org",
    "b-{{nodeId}}.x.org, boot.x.org, b-0{{nodeId}}.x.org, other.x.org",
    "b-{{nodeId}}.x.org, boot.x.org, b-a{{nodeId}}.x.org, b-x.x.org",
  })
  void differentNamesMayShareAPort(
      String one, String oneBootstrap, String other, String otherBootstrap) {
    assertThat(
            SharedPorts.problems(
                List.of(
                    listener("one", one, oneBootstrap), listener("other", other, otherBootstrap))))
        .isEmpty();
  }

  @Test
  void listenersOnDifferentPortsDoNotConflict() {
    ListenerSettings one = listener("one", "b{{nodeId}}.x.org", "boot.x.org", 19092, ENTRY);
    ListenerSettings other = listener("other", "b{{nodeId}}.x.org", "boot.x.org", 19093, ENTRY);
    assertThat(SharedPorts.problems(List.of(one, other))).isEmpty();
  }

  @Test
  void requirementsBeforeTheNameMustBeEqual() {
    ProxyHeader header =
        new ProxyHeader(ProxyHeader.Mode.REQUIRED, List.of(Network.parse("10.0.0.0/8")));
    ListenerSettings one = listener("one", "b{{nodeId}}.x.org", "boot.x.org");
    ListenerSettings other =
        listener("other", "b{{nodeId}}.y.org", "boot.y.org", 19092, ENTRY.with(header));
    assertThat(SharedPorts.problems(List.of(one, other)))
        .singleElement()
        .asString()
        .contains("PROXY headers or handshakes differ");
    assertThat(header.isTrusted(java.net.InetAddress.getLoopbackAddress())).isFalse();
  }
}
