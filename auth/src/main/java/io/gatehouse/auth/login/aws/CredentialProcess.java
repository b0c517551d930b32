package io.gatehouse.auth.login.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs the {@code credential_process} of a profile: a command that prints credentials as JSON. */
final class CredentialProcess {

  private static final int SECONDS = 10;
  private static final int MOST_BYTES = 64 << 10;

  private CredentialProcess() {}

  /**
   * @param environment the complete environment of the command
   */
  static AwsCredentials run(String command, String profile, Map<String, String> environment)
      throws LoginFailure {
    String what = "the credential_process of the AWS profile " + profile;
    Process process;
    try {
      ProcessBuilder builder =
          new ProcessBuilder("/bin/sh", "-c", command)
              .redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().clear();
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new LoginFailure(what + " cannot be started: " + e.getMessage(), e);
    }
    try {
      process.getOutputStream().close();
      CompletableFuture<String> output = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> read(process, output));
      String json = output.get(SECONDS, TimeUnit.SECONDS);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new LoginFailure(what + " failed");
      }
      return Metadata.credentials(json, "the output of " + what);
    } catch (TimeoutException e) {
      throw new LoginFailure(what + " takes longer than " + SECONDS + " s", e);
    } catch (IOException | ExecutionException e) {
      throw new LoginFailure(what + " failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoginFailure(what + ": interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static void read(Process process, CompletableFuture<String> output) {
    try (InputStream stream = process.getInputStream()) {
      output.complete(new String(stream.readNBytes(MOST_BYTES), UTF_8));
    } catch (IOException e) {
      output.completeExceptionally(e);
    }
  }
}
