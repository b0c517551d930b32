package io.gatehouse.authplugins;

import static io.gatehouse.authplugins.ShellPlugin.ALICE;
import static io.gatehouse.authplugins.ShellPlugin.alice;
import static io.gatehouse.authplugins.ShellPlugin.refusal;
import static io.gatehouse.authplugins.ShellPlugin.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gatehouse.auth.ChildEnvironment;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.authplugins.FakePlugin.Answer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The calls of a plugin, with a shell as its program and its gRPC side in the test. */
@Timeout(60)
final class PluginPasswordVerifierTest {

  @TempDir Path dir;

  @Test
  void checksPasswordsOverAUnixSocket() throws Exception {
    try (FakePlugin server = ShellPlugin.server(dir);
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()))) {
      assertThat(alice(plugin)).isEqualTo(new Principal("alice", "PLAIN"));
      SaslFailure refused = refusal(plugin, "alice");
      assertThat(refused.reason()).isEqualTo(Reason.BAD_CREDENTIALS);
      assertThat(refused).hasMessageContaining("'alice'").hasMessageContaining("status: 3");
      assertThat(server.asked)
          .containsExactly(
              "/grpc.health.v1.Health/Check",
              "/plugin.GRPCStdio/StreamStdio",
              "/proto.PasswordAuthenticator/Authenticate",
              "/proto.PasswordAuthenticator/Authenticate");
      assertThat(server.headers.getLast())
          .contains("te: trailers", "content-type: application/grpc", "grpc-timeout: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alice ", " alice", "al\nice", "alice\u0000", "alice\u0085"})
  void ambiguousNamesAreRefusedWithoutABind(String name) throws Exception {
    try (FakePlugin server =
            FakePlugin.onSocket(
                dir.resolve("s"),
                (method, request) ->
                    Answer.said(new ProtobufMessage.Writer().number(1, 1).bytes()));
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()))) {
      assertThat(alice(plugin).name()).isEqualTo("alice");
      assertThat(refusal(plugin, name).reason()).isEqualTo(Reason.BAD_CREDENTIALS);
    }
  }

  @Test
  void settingsDoNotShowArguments() {
    assertThat(PluginSettings.of("auth-user", List.of("--password=secret")).toString())
        .isEqualTo("auth-user with 1 arguments");
  }

  @Test
  void checksPasswordsOverTcp() throws Exception {
    try (FakePlugin server = FakePlugin.onPort(ALICE);
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()))) {
      assertThat(alice(plugin).name()).isEqualTo("alice");
    }
  }

  @Test
  void theProgramGetsAShortListOfVariables() throws Exception {
    Set<String> withheld = new HashSet<>(System.getenv().keySet());
    withheld.removeAll(ChildEnvironment.DEFAULT.filter(System.getenv()).keySet());
    withheld.removeAll(Set.of("PWD", "OLDPWD", "SHLVL", "_")); // the shell's own
    withheld.removeIf(name -> !name.matches("[A-Za-z_][A-Za-z0-9_]*"));
    assertThat(withheld).isNotEmpty();
    String named = withheld.iterator().next();
    Path seen = dir.resolve("names");
    String list = "awk 'BEGIN {for (name in ENVIRON) print name}' > '" + seen + "'\n";
    try (FakePlugin server = ShellPlugin.server(dir);
        PluginPasswordVerifier plugin =
            PluginPasswordVerifier.start(
                shell(list + server.script()).with(ChildEnvironment.DEFAULT.with(named)))) {
      assertThat(alice(plugin).name()).isEqualTo("alice");
    }
    assertThat(Files.readAllLines(seen)).contains("PATH", "AUTH_PLUGIN", named);
    withheld.remove(named);
    assertThat(Files.readAllLines(seen)).doesNotContainAnyElementsOf(withheld);
  }

  @Test
  void theProgramGetsTheCookieAndItsArgumentsByNoShell() throws Exception {
    String check =
        """
        [ "$AUTH_PLUGIN" = hello ] || exit 11
        [ "$PLUGIN_PROTOCOL_VERSIONS" = 1 ] || exit 12
        [ "$PLUGIN_MIN_PORT" -lt "$PLUGIN_MAX_PORT" ] || exit 13
        [ -z "$PLUGIN_CLIENT_CERT" ] || exit 14
        [ "$1" = '--password=a b $(exit 1) "' ] || exit 15
        [ "$#" = 2 ] || exit 16
        read -r line && exit 17
        """;
    try (FakePlugin server = ShellPlugin.server(dir);
        PluginPasswordVerifier plugin =
            PluginPasswordVerifier.start(
                shell(check + server.script(), "--password=a b $(exit 1) \"", ""))) {
      assertThat(alice(plugin).name()).isEqualTo("alice");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "16, BAD_CREDENTIALS, UNAUTHENTICATED: 'who? ü'",
    "7, BAD_CREDENTIALS, PERMISSION_DENIED",
    "13, UNAVAILABLE, INTERNAL",
    "12, UNAVAILABLE, UNIMPLEMENTED",
    "99, UNAVAILABLE, UNKNOWN",
  })
  void statusesOfCallsAreInTheMessage(String code, Reason reason, String said) throws Exception {
    try (FakePlugin server =
            FakePlugin.onSocket(
                dir.resolve("s"), (method, request) -> new Answer.Refused(code, "who? %C3%BC"));
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()))) {
      SaslFailure refused = refusal(plugin, "alice");
      assertThat(refused.reason()).isEqualTo(reason);
      assertThat(refused).hasMessageContaining("The plugin /bin/sh: it answered " + said);
    }
  }

  @Test
  void answersOtherThanGrpcAreRefused() throws Exception {
    byte[] yes = new ProtobufMessage.Writer().number(1, 1).bytes();
    byte[] framed = FakePlugin.framed(yes);
    byte[] compressed = framed.clone();
    compressed[0] = 1;
    byte[] longer = framed.clone();
    longer[4]++;
    String grpc = "application/grpc";
    List<Answer> wrong =
        List.of(
            Answer.raw("200", grpc, yes, "0"),
            Answer.raw("200", grpc, compressed, "0"),
            Answer.raw("200", grpc, longer, "0"),
            Answer.raw("200", grpc, new byte[0], "0"),
            Answer.raw("200", grpc, framed, ""),
            Answer.raw("200", grpc, framed, "2"),
            Answer.raw("200", "text/html", framed, "0"),
            Answer.raw("404", grpc, framed, "0"),
            Answer.raw("503", "text/plain", framed, ""),
            Answer.said(new byte[] {8}),
            Answer.said(new byte[] {10, 127, 1}),
            Answer.said(new byte[GrpcConnection.MAX_MESSAGE + 1]),
            new Answer.Reset(Http2Error.CANCEL),
            new Answer.Reset(Http2Error.REFUSED_STREAM),
            new Answer.Reset(Http2Error.PROTOCOL_ERROR));
    List<Answer> left = new ArrayList<>(wrong);
    try (FakePlugin server =
            FakePlugin.onSocket(dir.resolve("s"), (method, request) -> left.removeFirst());
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()))) {
      long first = plugin.pid();
      for (Answer answer : wrong) {
        assertThat(refusal(plugin, "alice").reason())
            .as("%s", answer)
            .isEqualTo(Reason.UNAVAILABLE);
      }
      assertThat(left).isEmpty();
      assertThat(plugin.pid()).isEqualTo(first);
    }
  }

  @Test
  void outputAfterTheHandshakeIsFetched() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("io.gatehouse.plugin.sh");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try (FakePlugin server = ShellPlugin.server(dir)) {
      server.output =
          Unpooled.wrappedBuffer(
              FakePlugin.framed(
                  new ProtobufMessage.Writer().number(1, 2).text(2, "[WARN] on ").bytes()),
              FakePlugin.framed(
                  new ProtobufMessage.Writer().number(1, 1).text(2, "said\nmo").bytes()),
              FakePlugin.framed(
                  new ProtobufMessage.Writer().number(1, 2).text(2, "stderr\n").bytes()),
              FakePlugin.framed(new ProtobufMessage.Writer().number(1, 1).text(2, "re\n").bytes()));
      try (PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()))) {
        await()
            .untilAsserted(() ->
                assertThat(List.copyOf(lines.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly("said", "[WARN] on stderr", "more"));
        assertThat(alice(plugin).name()).isEqualTo("alice");
      }
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test
  void callsAtOnceAreBounded() throws Exception {
    CountDownLatch busy = new CountDownLatch(PluginSupervisor.MAX_CALLS);
    CountDownLatch go = new CountDownLatch(1);
    try (FakePlugin server =
            FakePlugin.onSocket(
                dir.resolve("s"),
                (method, request) -> {
                  busy.countDown();
                  go.await();
                  return ALICE.answer(method, request);
                });
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Principal>> calls = new ArrayList<>();
      for (int i = 0; i < PluginSupervisor.MAX_CALLS + 30; i++) {
        calls.add(callers.submit(() -> alice(plugin)));
      }
      busy.await();
      assertThat(server.asked).hasSize(2 + PluginSupervisor.MAX_CALLS);
      go.countDown();
      for (Future<Principal> call : calls) {
        assertThat(call.get().name()).isEqualTo("alice");
      }
    }
  }
}
