package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExternalAccountsTest {

  private static final Instant END = Instant.parse("2026-11-21T12:00:00Z");

  private final Store store = Stores.memory();
  private final ExternalAccounts mechanism = new ExternalAccounts(new AnyName(), store);

  /** Believes everybody who says a name. */
  private static final class AnyName implements SaslMechanism {
    @Override
    public String name() {
      return "ANY";
    }

    @Override
    public SaslExchange begin(Peer peer) {
      return new SaslExchange() {
        private @Nullable Outcome outcome;

        @Override
        public byte[] next(byte[] token) {
          String[] names = new String(token, StandardCharsets.UTF_8).split("/", -1);
          User user = names.length == 1 ? User.named(names[0]) : new User(names[0], names[1]);
          outcome = new Outcome(new Principal(user, "ANY", Map.of("a", "b")), END);
          return token;
        }

        @Override
        public @Nullable Outcome outcome() {
          return outcome;
        }
      };
    }
  }

  private Outcome login(String name) throws Exception {
    Peer peer = new Peer(InetAddress.getLoopbackAddress(), "main", "localhost", false);
    SaslExchange exchange = mechanism.begin(peer);
    assertThat(exchange.outcome()).isNull();
    exchange.next(name.getBytes(StandardCharsets.UTF_8));
    return Objects.requireNonNull(exchange.outcome());
  }

  private void put(String name, String... names) throws Exception {
    store.write(
        Change.put(
            store.current(),
            new ServiceAccount(
                new User("passthrough", name), ServiceAccount.Type.EXTERNAL, List.of(names))));
  }

  @Test
  void usersGetTheNameOfTheirAccount() throws Exception {
    put("billing", "0oa1", "0oa2");
    Outcome outcome = login("0oa2");
    assertThat(outcome.principal())
        .isEqualTo(new Principal(new User("passthrough", "billing"), "ANY", Map.of("a", "b")));
    assertThat(outcome.expires()).isEqualTo(END);
    assertThat(login("billing").principal().user()).isEqualTo(User.named("billing"));
    assertThat(login("team/0oa2").principal().user()).isEqualTo(new User("team", "0oa2"));
  }

  @Test
  void aSessionEndsWhenTheNameOfItsUserChanges() throws Exception {
    put("billing", "0oa1");
    CredentialCheck mapped = Objects.requireNonNull(login("0oa1").check());
    CredentialCheck unmapped = Objects.requireNonNull(login("0oa2").check());
    put("other", "0oa3");
    assertThat(mapped.isOutdated()).isFalse();
    assertThat(unmapped.isOutdated()).isFalse();
    put("other", "0oa2");
    assertThat(mapped.isOutdated()).isFalse();
    assertThat(unmapped.isOutdated()).isTrue();
    assertThat(unmapped.recheck()).isEqualTo("the service account of the user has changed");
    store.write(
        Change.delete(
            store.current(),
            new ServiceAccount(
                    new User("passthrough", "billing"), ServiceAccount.Type.LOCAL, List.of())
                .key()));
    assertThat(mapped.isOutdated()).isTrue();
    assertThat(mapped.recheck()).isNotNull();
  }
}
