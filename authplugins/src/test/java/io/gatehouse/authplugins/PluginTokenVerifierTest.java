package io.gatehouse.authplugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.token.VerifiedToken;
import io.gatehouse.authplugins.FakePlugin.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that check tokens, and plugins that hand them out. */
@Timeout(60)
final class PluginTokenVerifierTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  /** Longer than HTTP/2's initial window, and shorter than gRPC's limit. */
  private static final String LONG = "t".repeat(3_000_000);

  @TempDir Path dir;

  private static PluginSettings shell(FakePlugin server) {
    return PluginSettings.of("/bin/sh", List.of("-c", server.script()));
  }

  @Test
  void longTokensAreChecked() throws Exception {
    try (FakePlugin server =
            FakePlugin.onSocket(
                dir.resolve("s"),
                (method, request) ->
                    Answer.said(
                        ProtobufMessage.read(request).text(1).equals(LONG)
                            ? new ProtobufMessage.Writer().number(1, 1).bytes()
                            : new ProtobufMessage.Writer().number(2, 9).bytes()));
        PluginTokenVerifier plugin = PluginTokenVerifier.start(shell(server))) {
      assertThat(plugin.verify(LONG).user().name()).isEqualTo(PluginTokenVerifier.OPAQUE);
      SaslFailure refused =
          catchThrowableOfType(SaslFailure.class, () -> plugin.verify(LONG + "t"));
      assertThat(refused.reason()).isEqualTo(Reason.BAD_CREDENTIALS);
      assertThat(refused).hasMessageContaining("status: 9");
      assertThat(server.asked).contains("/proto.TokenInfo/VerifyToken");
    }
  }

  @Test
  void longTokensAreHandedOut() throws Exception {
    try (FakePlugin server =
            FakePlugin.onSocket(
                dir.resolve("s"),
                (method, request) ->
                    Answer.said(new ProtobufMessage.Writer().number(1, 1).text(3, LONG).bytes()));
        PluginTokenProvider plugin = PluginTokenProvider.start(shell(server))) {
      for (int i = 0; i < 5; i++) {
        assertThat(plugin.token()).isEqualTo(LONG);
      }
      assertThat(server.asked).contains("/proto.TokenProvider/GetToken");
    }
  }

  @Test
  void aProviderWithoutATokenIsAFailure() throws Exception {
    List<byte[]> none =
        List.of(
            new ProtobufMessage.Writer().number(2, 2).bytes(),
            new ProtobufMessage.Writer().number(2, 2).text(3, "token").bytes(),
            new ProtobufMessage.Writer().number(1, 1).number(2, 2).bytes(),
            new byte[] {8, 1, 16, 2, 26, 1, (byte) 0xff});
    for (byte[] answer : none) {
      Path socket = dir.resolve("s" + none.indexOf(answer));
      try (FakePlugin server =
              FakePlugin.onSocket(socket, (method, request) -> Answer.said(answer));
          PluginTokenProvider plugin = PluginTokenProvider.start(shell(server))) {
        assertThatThrownBy(plugin::token)
            .isInstanceOf(LoginFailure.class)
            .message()
            .containsAnyOf("has none (its status: 2)", "no message of its interface")
            .doesNotContain("token\0");
      }
    }
  }

  private static VerifiedToken taken(ProtobufMessage.Writer answer, String token) throws Exception {
    return PluginTokenVerifier.taken(ProtobufMessage.read(answer.number(1, 1).bytes()), token, NOW);
  }

  @Test
  void thePluginNamesThePrincipalOfAToken() throws Exception {
    String jwt = jwt("alice", NOW.plus(Duration.ofMinutes(5)));
    VerifiedToken nobodys = taken(new ProtobufMessage.Writer(), jwt);
    assertThat(nobodys.user()).isEqualTo(User.named(PluginTokenVerifier.OPAQUE));
    assertThat(nobodys.claims()).isEmpty();

    VerifiedToken bobs = taken(new ProtobufMessage.Writer().text(3, "bob").text(4, "team-b"), jwt);
    assertThat(bobs.user()).isEqualTo(new User("team-b", "bob"));
    assertThat(taken(new ProtobufMessage.Writer().text(3, "bob"), jwt).user())
        .isEqualTo(User.named("bob"));
  }

  @Test
  void aTokensExpiryCanShortenASessionButNotExtendIt() throws Exception {
    Instant soon = NOW.plus(Duration.ofMinutes(5));
    Instant hour = NOW.plus(Duration.ofHours(1));
    assertThat(taken(new ProtobufMessage.Writer(), "opaque").expires()).isEqualTo(hour);
    assertThat(taken(new ProtobufMessage.Writer(), jwt("a", soon)).expires())
        .isEqualTo(soon.plusSeconds(60));
    assertThat(taken(new ProtobufMessage.Writer(), jwt("a", NOW.plusSeconds(99_999))).expires())
        .isEqualTo(hour);
    assertThat(taken(new ProtobufMessage.Writer(), jwt("a", NOW.minusSeconds(3600))).expires())
        .isEqualTo(NOW.plusSeconds(60));
    Instant said = NOW.plus(Duration.ofHours(3));
    ProtobufMessage.Writer answer = new ProtobufMessage.Writer().number(5, said.getEpochSecond());
    assertThat(taken(answer, jwt("a", soon)).expires()).isEqualTo(said);
  }

  private static String jwt(@org.jspecify.annotations.Nullable String subject, Instant end) {
    return new PlainJWT(
            new JWTClaimsSet.Builder()
                .subject(subject)
                .claim("team", "blue")
                .claim("level", 3)
                .expirationTime(Date.from(end))
                .build())
        .serialize();
  }
}
