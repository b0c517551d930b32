package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** kafka-proxy plugins in Go, built from authplugins/src/test/go. */
record GoPlugins(Path folder) {

  /** Where distributions put the sources of Go's libraries. */
  private static final Path LIBRARIES = Path.of("/usr/share/gocode");

  /** Builds the plugins, or skips the test if Go or its libraries are missing. */
  static GoPlugins build(Path folder, String... names) throws Exception {
    assumeTrue(
        Files.isDirectory(LIBRARIES.resolve("src/github.com/hashicorp/go-plugin"))
            && Files.isDirectory(LIBRARIES.resolve("src/google.golang.org/grpc"))
            && hasGo(),
        "There is no Go with go-plugin and grpc here: apt-get install golang-go"
            + " golang-github-hashicorp-go-plugin-dev golang-google-grpc-dev"
            + " golang-goprotobuf-dev");
    Path sources =
        Path.of(System.getProperty("gatehouse.root", ".."), "authplugins/src/test/go")
            .toAbsolutePath();
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
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("go build of %s: %s", name, said).isZero();
    }
    return new GoPlugins(folder);
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

  String command(String name) {
    return folder.resolve(name).toString();
  }
}
