package io.gatehouse.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Builds programs in Go, such as plugins of kafka-proxy, with the libraries of the system. */
public final class GoPrograms {

  /** What a test that is skipped should say. */
  public static final String NEEDED =
      "There is no Go with go-plugin and grpc here: apt-get install golang-go"
          + " golang-github-hashicorp-go-plugin-dev golang-google-grpc-dev"
          + " golang-goprotobuf-dev";

  /** Where distributions put the sources of Go's libraries. */
  private static final Path LIBRARIES = Path.of("/usr/share/gocode");

  private GoPrograms() {}

  /** Whether Go and the libraries are installed. */
  public static boolean canBuild() throws InterruptedException {
    return Files.isDirectory(LIBRARIES.resolve("src/github.com/hashicorp/go-plugin"))
        && Files.isDirectory(LIBRARIES.resolve("src/google.golang.org/grpc"))
        && hasGo();
  }

  private static boolean hasGo() throws InterruptedException {
    try {
      return new ProcessBuilder("go", "version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Builds programs.
   *
   * @param sources has a folder for each, with its main.go
   * @param folder gets the programs
   */
  public static void build(Path sources, Path folder, String... names)
      throws IOException, InterruptedException {
    for (String name : names) {
      ProcessBuilder go =
          new ProcessBuilder(
                  "go", "build", "-o", folder.resolve(name).toString(), name + "/main.go")
              .directory(sources.toFile())
              .redirectErrorStream(true);
      go.environment().put("GO111MODULE", "off");
      go.environment().put("GOPATH", LIBRARIES.toString());
      go.environment().put("GOFLAGS", "-p=2");
      Process process = go.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException("go build of " + name + " failed: " + output);
      }
    }
  }
}
