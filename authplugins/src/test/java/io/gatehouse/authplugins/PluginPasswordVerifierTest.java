package io.gatehouse.authplugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.auth.ChildEnvironment;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.authplugins.FakePlugin.Answer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The life of a plugin, with a shell as its program and its gRPC side in the test. */
@Timeout(60)
final class PluginPasswordVerifierTest {

  private static final Peer PEER =
      new Peer(InetAddress.getLoopbackAddress(), "clients", "localhost", true);

  /** Lets Alice in. */
  private static final FakePlugin.Calls ALICE =
      (method, request) ->
          Answer.said(
              FakePlugin.credentials(request).equals("alice\0wonderland")
                  ? new ProtobufMessage.Writer().number(1, 1).bytes()
                  : new ProtobufMessage.Writer().number(2, 3).bytes());

  @TempDir Path dir;

  private static PluginSettings shell(String script, String... arguments) {
    List<String> all = new ArrayList<>(List.of("-c", script, "plugin"));
    all.addAll(List.of(arguments));
    return PluginSettings.of("/bin/sh", all);
  }

  private FakePlugin alice() throws Exception {
    return FakePlugin.onSocket(dir.resolve("plugin.sock"), ALICE);
  }

  private static Principal alice(PluginPasswordVerifier plugin) throws SaslFailure {
    return plugin.verify("alice", new Secret("wonderland"), PEER).principal();
  }

  private static SaslFailure refusal(PluginPasswordVerifier plugin, String user) {
    return catchThrowableOfType(
        SaslFailure.class, () -> plugin.verify(user, new Secret("x"), PEER));
  }

  @Test
  void checksPasswordsOverAUnixSocket() throws Exception {
    try (FakePlugin server = alice();
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
    try (FakePlugin server = alice();
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
    try (FakePlugin server = alice();
        PluginPasswordVerifier plugin =
            PluginPasswordVerifier.start(
                shell(check + server.script(), "--password=a b $(exit 1) \"", ""))) {
      assertThat(alice(plugin).name()).isEqualTo("alice");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "echo 'Listening on port 7'; sleep 600~          'Listening on port 7'",
        "printf '\\033[31m||\\n'; sleep 600~             is it a plugin?",
        "head -c 100000 /dev/zero; sleep 600~            is it a plugin?",
        "echo '1|1|unix|/tmp/x|netrpc'; sleep 600~       only gRPC is spoken here",
        "echo '1|1|tcp|127.0.0.1:1|grpc'; sleep 600~     cannot be reached at",
        "echo 'go away' >&2; exit 5~                     ended with exit code 5 (its last",
        "echo 'go away' >&2; exit 5~                     its last words: go away) before",
        "echo '1|1|unix|/nowhere/x|grpc'; exit 0~        cannot be reached at /nowhere/x",
        "exec 1>&-; exec sleep 600~                      does not say within 700 ms",
        "exec sleep 600~                                 does not say within 700 ms",
      })
  void aProgramThatIsNoPluginIsRefused(String script, String why) {
    String marked = "echo $$ > " + dir.resolve("pid") + "; " + script;
    assertThatThrownBy(() ->
            PluginPasswordVerifier.start(startingWithin(Duration.ofMillis(700), shell(marked)))
                .close())
        .isInstanceOf(PluginFailure.class)
        .hasMessageStartingWith("The plugin /bin/sh: ")
        .hasMessageContaining(why)
        .message()
        .doesNotContain("\033");
    await().until(() -> !runs(Files.readString(dir.resolve("pid"))));
  }

  private static PluginSettings startingWithin(Duration start, PluginSettings from) {
    return new PluginSettings(
        from.program(),
        from.arguments(),
        from.environment(),
        from.logLevel(),
        start,
        from.callTimeout());
  }

  private static boolean runs(String pid) {
    return ProcessHandle.of(Long.parseLong(pid.strip())).map(ProcessHandle::isAlive).orElse(false);
  }

  @Test
  void aMissingProgramIsNamed() {
    Path missing = dir.resolve("auth-ldpa");
    assertThatThrownBy(
            () -> PluginPasswordVerifier.start(PluginSettings.of(missing.toString(), List.of())))
        .isInstanceOf(PluginFailure.class)
        .hasMessageContaining("auth-ldpa: it cannot be started")
        .hasMessageContaining("No such file");
  }

  @Test
  void aPluginThatCrashesIsStartedAgain() throws Exception {
    Path again = dir.resolve("again");
    Path failed = dir.resolve("failed");
    // From its second start on it fails until the file exists.
    String script =
        "if [ -f %1$s ]; then [ -f %1$s.now ] || { echo x >> %2$s; exit 4; }; fi; touch %1$s; "
            .formatted(again, failed);
    try (FakePlugin server = FakePlugin.onPort(ALICE);
        PluginPasswordVerifier plugin =
            PluginPasswordVerifier.start(shell(script + server.script()))) {
      long first = plugin.pid();
      assertThat(alice(plugin).name()).isEqualTo("alice");
      long restarts = AuthMetrics.restarts().getOrDefault("sh", -1L);
      assertThat(restarts).isNotNegative();

      ProcessHandle.of(first).orElseThrow().destroyForcibly();
      await().until(() -> Files.exists(failed) && Files.size(failed) >= 4);
      SaslFailure meanwhile = refusal(plugin, "alice");
      assertThat(meanwhile.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(meanwhile).hasMessageContaining("/bin/sh: it crashed and is started again");

      Files.createFile(dir.resolve("again.now"));
      await().until(() -> plugin.pid() > 0);
      assertThat(alice(plugin).name()).isEqualTo("alice");
      assertThat(plugin.pid()).isNotEqualTo(first);
      await()
          .untilAsserted(
              () -> assertThat(AuthMetrics.restarts().get("sh")).isEqualTo(restarts + 1));
    }
  }

  @Test
  void aCallThatTheCrashInterruptsIsUnavailable() throws Exception {
    CountDownLatch came = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    try (FakePlugin server =
            FakePlugin.onSocket(
                dir.resolve("s"),
                (method, request) -> {
                  came.countDown();
                  never.await();
                  return new Answer.Reset(Http2Error.CANCEL);
                });
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<SaslFailure> call = callers.submit(() -> refusal(plugin, "alice"));
      came.await();
      server.disconnect();
      assertThat(call.get().reason()).isEqualTo(Reason.UNAVAILABLE);
      never.countDown();
    }
  }

  @Test
  void aPluginThatHangsIsEndedAndStartedAgain() throws Exception {
    AtomicBoolean hangs = new AtomicBoolean(true);
    CountDownLatch never = new CountDownLatch(1);
    try (FakePlugin server =
            FakePlugin.onPort((method, request) -> {
              if (hangs.get()) {
                never.await();
              }
              return ALICE.answer(method, request);
            });
        PluginPasswordVerifier plugin =
            PluginPasswordVerifier.start(shell(server.script()).within(Duration.ofMillis(300)))) {
      long first = plugin.pid();
      server.healthy = false;
      SaslFailure late = refusal(plugin, "alice");
      assertThat(late.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(late).hasMessageContaining("did not answer within");
      await().until(() -> !runs(Long.toString(first)));
      server.healthy = true;
      hangs.set(false);
      await().until(() -> plugin.pid() > 0 && plugin.pid() != first);
      await().untilAsserted(() -> assertThat(alice(plugin).name()).isEqualTo("alice"));
      never.countDown();
    }
  }

  @Test
  void aSlowCallDoesNotEndAHealthyPlugin() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (FakePlugin server =
            FakePlugin.onSocket(
                dir.resolve("s"),
                (method, request) -> {
                  if (FakePlugin.credentials(request).startsWith("slow")) {
                    never.await();
                  }
                  return ALICE.answer(method, request);
                });
        PluginPasswordVerifier plugin =
            PluginPasswordVerifier.start(shell(server.script()).within(Duration.ofMillis(500)))) {
      long first = plugin.pid();
      assertThat(refusal(plugin, "slow").reason()).isEqualTo(Reason.UNAVAILABLE);
      // Its health was checked a second time.
      await().until(() -> server.asked.stream().filter(m -> m.endsWith("/Check")).count() == 2);
      assertThat(alice(plugin).name()).isEqualTo("alice");
      assertThat(plugin.pid()).isEqualTo(first);
      never.countDown();
    }
  }

  @Test
  void aPluginMayAskForANewConnection() throws Exception {
    try (FakePlugin server = alice();
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(server.script()))) {
      long first = plugin.pid();
      server.goAway();
      await().until(() -> server.asked.stream().filter(m -> m.endsWith("/Check")).count() == 2);
      await().ignoreExceptions().until(() -> alice(plugin).name().equals("alice"));
      server.disconnect();
      await().ignoreExceptions().until(() -> alice(plugin).name().equals("alice"));
      assertThat(plugin.pid()).isEqualTo(first);
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
    try (FakePlugin server = alice()) {
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

  @Test
  void closeAsksThenTellsThenKills() throws Exception {
    for (String stubborn : List.of("", "trap '' TERM; ")) {
      Path socket = dir.resolve("s" + stubborn.length());
      try (FakePlugin server = FakePlugin.onSocket(socket, ALICE)) {
        String script = stubborn + "echo '" + server.handshake() + "'; while :; do sleep 600; done";
        PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(script));
        String pid = Long.toString(plugin.pid());
        List<ProcessHandle> below =
            ProcessHandle.of(plugin.pid()).orElseThrow().descendants().toList();
        plugin.close();
        assertThat(runs(pid)).isFalse();
        await().until(() -> below.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(socket).doesNotExist();
        assertThat(server.asked).contains("/plugin.GRPCController/Shutdown");
        SaslFailure after = refusal(plugin, "alice");
        assertThat(after.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(after).hasMessageContaining("it was stopped with the gateway");
      }
    }
  }

  @Test
  void aPluginEndsWithAGatewayThatIsKilled() throws Exception {
    try (FakePlugin server = alice()) {
      Process gateway =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Host.class.getName(),
                  "sleep 600 & " + server.script())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try {
        String pid =
            gateway
                .inputReader()
                .lines()
                .filter(line -> line.startsWith(Host.PID))
                .findFirst()
                .orElseThrow()
                .substring(Host.PID.length());
        List<ProcessHandle> below =
            ProcessHandle.of(Long.parseLong(pid)).orElseThrow().descendants().toList();
        assertThat(below).isNotEmpty();
        gateway.destroyForcibly().waitFor();
        await().until(() -> !runs(pid) && below.stream().noneMatch(ProcessHandle::isAlive));
      } finally {
        gateway.destroyForcibly();
      }
    }
  }

  /** A gateway process to kill. */
  static final class Host {

    static final String PID = "the plugin's process id: ";

    private Host() {}

    public static void main(String[] arguments) throws Exception {
      PluginPasswordVerifier plugin = PluginPasswordVerifier.start(shell(arguments[0]));
      System.out.println(PID + plugin.pid());
      new CountDownLatch(1).await();
    }
  }
}
