package io.gatehouse.authplugins;

import static io.gatehouse.authplugins.ShellPlugin.ALICE;
import static io.gatehouse.authplugins.ShellPlugin.alice;
import static io.gatehouse.authplugins.ShellPlugin.refusal;
import static io.gatehouse.authplugins.ShellPlugin.runs;
import static io.gatehouse.authplugins.ShellPlugin.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.authplugins.FakePlugin.Answer;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

/** How plugins start, crash, hang and end. */
@Timeout(60)
final class PluginLifeTest {

  @TempDir Path dir;

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
    try (FakePlugin server = ShellPlugin.server(dir);
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
    try (FakePlugin server = ShellPlugin.server(dir)) {
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
