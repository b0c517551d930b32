package io.gatehouse.authplugins;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.authplugins.FakePlugin.Answer;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Plugins whose program is a shell, and which let Alice in. */
final class ShellPlugin {

  private static final Peer PEER =
      new Peer(InetAddress.getLoopbackAddress(), "clients", "localhost", true);

  /** Lets Alice in. */
  static final FakePlugin.Calls ALICE =
      (method, request) ->
          Answer.said(
              FakePlugin.credentials(request).equals("alice\0wonderland")
                  ? new ProtobufMessage.Writer().number(1, 1).bytes()
                  : new ProtobufMessage.Writer().number(2, 3).bytes());

  private ShellPlugin() {}

  /** A plugin that runs a script. */
  static PluginSettings shell(String script, String... arguments) {
    List<String> all = new ArrayList<>(List.of("-c", script, "plugin"));
    all.addAll(List.of(arguments));
    return PluginSettings.of("/bin/sh", all);
  }

  /** The gRPC side of a plugin that lets Alice in. */
  static FakePlugin server(Path dir) throws Exception {
    return FakePlugin.onSocket(dir.resolve("plugin.sock"), ALICE);
  }

  /** Authenticates Alice. */
  static Principal alice(PluginPasswordVerifier plugin) throws SaslFailure {
    return plugin.verify("alice", new Secret("wonderland"), PEER).principal();
  }

  /** Why a user is refused. */
  static SaslFailure refusal(PluginPasswordVerifier plugin, String user) {
    return catchThrowableOfType(
        SaslFailure.class, () -> plugin.verify(user, new Secret("x"), PEER));
  }

  /** Whether a process runs. */
  static boolean runs(String pid) {
    return ProcessHandle.of(Long.parseLong(pid.strip())).map(ProcessHandle::isAlive).orElse(false);
  }
}
