package io.gatehouse.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The syntax of Go's pflag. */
class ArgumentsTest {

  private static final List<Flag> FLAGS =
      Flag.table(
          """
          yes | name     | string      |  | a text
          yes | item     | stringArray |  | several
          yes | on       | bool        |  | a switch
          """);

  private static Arguments parse(String... arguments) {
    return Arguments.parse(List.of(arguments), FLAGS);
  }

  @Test
  void readsBothSpellings() {
    Arguments arguments = parse("--name", "a b", "--item=x,y", "--item", "z=1", "rest");
    assertThat(arguments.last("name")).isEqualTo("a b");
    assertThat(arguments.all("item")).containsExactly("x,y", "z=1");
    assertThat(arguments.rest()).containsExactly("rest");
    assertThat(arguments.has("on")).isFalse();
    assertThat(arguments.problems()).isEmpty();
  }

  @Test
  void keepsTheLastOfAFlagThatIsGivenTwice() {
    assertThat(parse("--name=a", "--name=").last("name")).isEmpty();
  }

  @Test
  void takesTheNextArgumentAsTheValue() {
    assertThat(parse("--name", "--on").last("name")).isEqualTo("--on");
  }

  @ParameterizedTest
  @CsvSource({
    "--on, true",
    "--on=true, true",
    "--on=1, true",
    "--on=T, true",
    "--on=false, false",
    "--on=0, false",
    "--on=F, false"
  })
  void readsSwitches(String argument, boolean expected) {
    assertThat(parse(argument).isSet("on")).isEqualTo(expected);
  }

  @Test
  void doesNotTakeTheNextArgumentForABoolean() {
    Arguments arguments = parse("--on", "false");
    assertThat(arguments.isSet("on")).isTrue();
    assertThat(arguments.rest()).containsExactly("false");
  }

  @Test
  void endsFlagsAtTwoDashes() {
    Arguments arguments = parse("--on", "--", "--name", "-x");
    assertThat(arguments.rest()).containsExactly("--name", "-x");
    assertThat(arguments.has("name")).isFalse();
  }

  @Test
  void knowsHelpForEveryCommand() {
    assertThat(parse("--help").has(Arguments.HELP)).isTrue();
    assertThat(parse("-h").has(Arguments.HELP)).isTrue();
  }

  /** kafka-proxy's readme has {@code -sasl-username}. */
  @Test
  void takesOneDashForTwo() {
    assertThat(parse("-name", "a").all("name")).containsExactly("a");
    assertThat(parse("-name=a").all("name")).containsExactly("a");
  }

  @Test
  void reportsAllProblems() {
    assertThat(parse("--nam=a", "-no", "--on=maybe", "--zzzzzzzzz", "--name").problems())
        .containsExactly(
            "unknown flag --nam, did you mean --name?",
            "unknown flag -no: flags start with two dashes",
            "--on: 'maybe' is not true or false",
            "unknown flag --zzzzzzzzz",
            "the flag --name needs a value (string)");
  }
}
