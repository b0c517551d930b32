package io.gatehouse.control.doc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.control.doc.Document.Form;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentTest {

  private static Value read(String text, Form form) throws MalformedException {
    return Document.read(text.getBytes(UTF_8), form);
  }

  private static Map<String, Value> fields(Value.Fields in, String name) {
    return ((Value.Fields) Objects.requireNonNull(in.fields().get(name))).fields();
  }

  private static List<Value> items(Value.Fields in, String name) {
    return ((Value.Items) Objects.requireNonNull(in.fields().get(name))).items();
  }

  private static void refused(String text, Form form, String why) {
    assertThatThrownBy(() -> read(text, form))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void aJsonTextIsTheSameInBothForms(Form form) throws Exception {
    Value.Fields read =
        (Value.Fields)
            read("{\"a\": null, \"b\": [1, -2.5, true], \"c\": {\"d\": \"e\\n\"}}", form);
    assertThat(read.fields().sequencedKeySet()).containsExactly("a", "b", "c");
    assertThat(read.fields().get("a")).as("null is not absent").isEqualTo(new Value.Nothing(1));
    assertThat(read.fields().get("x")).isNull();
    assertThat(read.fields().get("b"))
        .isEqualTo(
            new Value.Items(
                List.of(
                    new Value.Numeral("1", 1),
                    new Value.Numeral("-2.5", 1),
                    new Value.Flag(true, 1)),
                1));
    assertThat(fields(read, "c").get("d")).isEqualTo(new Value.Text("e\n", 1));
  }

  @Test
  void yamlTellsTextsFromOtherScalarsByTheCoreSchema() throws Exception {
    Value.Fields read = (Value.Fields) read("a: no\nb: ~\nc: '1'\nd: 1\ne: 0x10\nf:\n", Form.YAML);
    assertThat(read.fields().values())
        .containsExactly(
            new Value.Text("no", 1),
            new Value.Nothing(2),
            new Value.Text("1", 3),
            new Value.Numeral("1", 4),
            new Value.Text("0x10", 5),
            new Value.Nothing(6));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"a\":2}|uplicate",
        "{\"a\":1} x|line 1",
        "{\"a\":1}{}|something follows",
        "{\"a\":|line 1",
        "{a:1}|line 1",
        "{'a':1}|line 1",
        "[1,]|line 1",
        "NaN|line 1",
        "` `|there is nothing",
      })
  void brokenJsonIsRefusedWithItsLine(String text, String why) {
    refused(text, Form.JSON, why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{a: 1, a: 2}|the key 'a' is given twice",
        "{a: 1}{|line 1",
        "a: &x 1|anchors",
        "a: *x|aliases",
        "a: !!str 1|tags",
        "a: !!java.net.URL [x]|tags",
        "`!x {a: 1}`|tags",
        "[a]: 1|a key must be a text",
        "1: 1|a key must be a text",
        "`a: [`|line",
        "` `|there is nothing",
      })
  void yamlThatIsNoPlainTreeIsRefused(String text, String why) {
    refused(text, Form.YAML, why);
  }

  @Test
  void yamlBombsAreRefusedAtTheFirstAnchor() {
    StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (char c = 'b'; c < 'z'; c++) {
      bomb.append("%c: &%c [*%c,*%c,*%c,*%c]\n".formatted(c, c, c - 1, c - 1, c - 1, c - 1));
    }
    refused(bomb.toString(), Form.YAML, "anchors");
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void depthIsBounded(Form form) throws Exception {
    read("[".repeat(32) + "]".repeat(32), form);
    refused("[".repeat(33) + "]".repeat(33), form, "nested more than 32 levels deep");
    refused("[".repeat(500_000), form, "nested more than 32 levels deep");
    refused("{\"a\":".repeat(100_000), form, "nested more than 32 levels deep");
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void theNumberOfValuesIsBounded(Form form) throws Exception {
    read("[" + "1,".repeat(49_998) + "1]", form);
    refused("[" + "1,".repeat(49_999) + "1]", form, "more than 50000 values");
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void onlyUtf8IsText(Form form) {
    assertThatThrownBy(() -> Document.read(new byte[] {'"', (byte) 0xC3, '"'}, form))
        .hasMessage("it is not UTF-8 text");
    assertThatThrownBy(
            () -> Document.read("{}".getBytes(java.nio.charset.StandardCharsets.UTF_16), form))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void severalDocumentsAreOneTooMany() throws Exception {
    refused("a: 1\n---\nb: 2\n", Form.YAML, "several documents");
    assertThat(Document.readAll("---\na: 1\n---\n# nothing\n---\nb: 2\n".getBytes(UTF_8)))
        .extracting(Value::line)
        .containsExactly(2, 6);
    assertThat(Document.readAll(new byte[0])).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() throws Exception {
    List<String> texts =
        List.of(
            "a b",
            "",
            "true",
            "no",
            "1",
            "-",
            "# x",
            "a: b",
            "'\"\\",
            "\u00e9\u2028\ud83d\ude00",
            "\t",
            "null",
            "[a]");
    String text =
        YamlText.of(List.of(Map.of("texts", texts, "none", List.of(), "empty", Map.of())));
    Value.Fields read = (Value.Fields) Document.readAll(text.getBytes(UTF_8)).getFirst();
    assertThat(items(read, "texts"))
        .allMatch(Value.Text.class::isInstance)
        .extracting(value -> ((Value.Text) value).text())
        .isEqualTo(texts);
    assertThat(items(read, "none")).isEmpty();
    assertThat(fields(read, "empty")).isEmpty();
  }

  @Test
  void valuesAreShownInOneLine() {
    assertThat(Value.Text.quoted("a\nb\u202Ec")).isEqualTo("'a?b?c'");
    assertThat(Value.Text.quoted("x".repeat(200))).hasSize(85).endsWith("...'");
    assertThat(new Value.Numeral("1".repeat(200), 1).shown()).isEqualTo("a number of 200 digits");
    assertThat(Arrays.asList(new Value.Nothing(1), new Value.Flag(true, 1)))
        .extracting(Value::shown)
        .containsExactly("null", "true");
  }
}
