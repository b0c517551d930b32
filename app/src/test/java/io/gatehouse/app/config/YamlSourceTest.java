package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YamlSourceTest {

  @TempDir private Path folder;

  private final Problems problems = new Problems();

  private Node.Mapping read(String yaml) {
    return YamlSource.inline("f.yaml", yaml, Map.of("HOST", "k1", "EMPTY", ""), problems);
  }

  private Node.Mapping readFile(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("f.yaml"), yaml);
    return YamlSource.file(file, Map.of(), problems);
  }

  private static String text(Node.Mapping mapping, String key) {
    return mapping.entries().get(key) instanceof Node.Scalar scalar ? scalar.text() : "none";
  }

  private static Node at(Node.Mapping mapping, String key) {
    return requireNonNull(mapping.entries().get(key));
  }

  @Test
  void knowsTheLineOfEveryKey() {
    Node.Mapping root = read("a: 1\n\nb:\n  c: x\n  d:\n    - y\n    - z\n");
    assertThat(at(root, "a").origin()).hasToString("f.yaml:1");
    Node.Mapping b = (Node.Mapping) at(root, "b");
    assertThat(b.origin()).hasToString("f.yaml:3");
    Node.Sequence d = (Node.Sequence) at(b, "d");
    assertThat(d.origin()).hasToString("f.yaml:5");
    assertThat(d.items().get(1).origin()).hasToString("f.yaml:7");
  }

  @Test
  void takesEveryScalarAsTextAndNullAsNothing() {
    Node.Mapping root = read("a: no\nb: 012\nc: 1e3\nd: ~\ne:\nf: \"\"\ng: \"null\"\n");
    assertThat(text(root, "a")).isEqualTo("no");
    assertThat(text(root, "b")).isEqualTo("012");
    assertThat(text(root, "c")).isEqualTo("1e3");
    assertThat(root.entries().get("d")).isInstanceOf(Node.Nothing.class);
    assertThat(root.entries().get("e")).isInstanceOf(Node.Nothing.class);
    assertThat(text(root, "f")).isEmpty();
    assertThat(text(root, "g")).isEqualTo("null");
  }

  @Test
  void replacesReferences() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "s3cret\n");
    Node.Mapping root =
        read(
            """
            a: ${env:HOST}:9092,${env:HOST}2:9092
            b: "${file:%s}"
            c: $${env:HOST} costs $5
            d: x${env:EMPTY}y
            """
                .formatted(secret));
    assertThat(text(root, "a")).isEqualTo("k1:9092,k12:9092");
    assertThat(text(root, "b")).isEqualTo("s3cret");
    assertThat(text(root, "c")).isEqualTo("${env:HOST} costs $5");
    assertThat(text(root, "d")).isEqualTo("xy");
    assertThat(problems.lines()).isEmpty();
  }

  @Test
  void readsReferencedFilesFromTheFolderOfTheFile() throws Exception {
    Files.writeString(folder.resolve("host"), "k7");
    assertThat(text(readFile("a: ${file:host}:9092"), "a")).isEqualTo("k7:9092");
  }

  @Test
  void reportsUnresolvedReferences() {
    read("a: ${env:NONE}\nb: ${file:/does/not/exist}\nc: ${vault:x}\nd: ${env:HOST\n");
    assertThat(problems.lines())
        .containsExactly(
            "f.yaml:1: the variable NONE is not set",
            "f.yaml:2: cannot read /does/not/exist: there is no such file",
            "f.yaml:3: '${vault:x}' is not ${env:NAME} or ${file:/path} (write $${ for a plain ${)",
            "f.yaml:4: '${env:HOST' has no closing }");
  }

  @Test
  void reportsDuplicateKeys() {
    read("a: 1\nb: 2\na: 3\n");
    assertThat(problems.lines()).containsExactly("f.yaml:3: the key 'a' is given twice");
  }

  @Test
  void reportsTheLineOfInvalidYaml() {
    read("a: 1\nb: [1, 2\nc: 3\n");
    assertThat(problems.lines())
        .singleElement()
        .asString()
        .startsWith("f.yaml:3: this is not YAML");
  }

  @Test
  void reportsARootThatIsNotAMapping() {
    read("- a\n");
    assertThat(problems.lines()).containsExactly("f.yaml:1: expected a mapping, not a list");
  }

  @Test
  void treatsAnEmptyTextAsNoSettings() {
    assertThat(read("# nothing\n").entries()).isEmpty();
    assertThat(problems.lines()).isEmpty();
  }

  @Test
  void stopsAtCyclicAliases() {
    read("a: &x\n  b: *x\n");
    assertThat(problems.lines()).isNotEmpty();
  }

  @Test
  void reportsUnreadableFiles() throws Exception {
    YamlSource.file(folder.resolve("none.yaml"), Map.of(), problems);
    YamlSource.file(folder, Map.of(), problems);
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xc3, 0x28});
    YamlSource.file(binary, Map.of(), problems);
    assertThat(problems.lines())
        .containsExactly(
            "cannot read " + folder + "/none.yaml: there is no such file",
            "cannot read " + folder + ": it is a directory",
            "cannot read " + folder + "/binary: it is not UTF-8 text");
  }
}
