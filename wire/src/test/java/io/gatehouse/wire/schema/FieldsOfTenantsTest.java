package io.gatehouse.wire.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.tree.RandomTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each field of any request or response that can hold a name has a kind, or is listed as harmless
 * with a reason. A field that a new Kafka release adds fails here until somebody has judged it.
 */
class FieldsOfTenantsTest {

  private static final Set<FieldType> TYPES =
      EnumSet.of(FieldType.STRING, FieldType.BYTES, FieldType.UUID, FieldType.RECORDS);

  /** A line of the list. */
  private record Harmless(String path, String reason, Pattern pattern) {

    static Harmless of(String line) {
      String[] parts = line.strip().split("\\s+", 2);
      String pattern =
          Stream.of(parts[0].split("\\*", -1))
              .map(Pattern::quote)
              .collect(Collectors.joining(".*"));
      return new Harmless(parts[0], parts.length == 1 ? "" : parts[1], Pattern.compile(pattern));
    }

    boolean fits(String field) {
      return pattern.matcher(field).matches();
    }
  }

  private final List<Harmless> harmless = read();
  private final Set<String> withKind = new TreeSet<>();
  private final Set<String> withoutKind = new TreeSet<>();

  FieldsOfTenantsTest() {
    Stream.concat(Messages.calls(), Stream.of("RequestHeader", "ResponseHeader"))
        .forEach(name -> Messages.layouts(name).forEach(layout -> collect(layout.root(), name)));
  }

  private void collect(StructLayout struct, String path) {
    RandomTree.fields(struct)
        .forEach(field -> {
          String here = path + "." + field.name();
          if (TYPES.contains(field.type())) {
            (field.kind() == FieldKind.NONE ? withoutKind : withKind).add(here);
          }
          if (field.struct() != null) {
            collect(field.struct(), here);
          }
        });
  }

  @Test
  void eachFieldHasAKindOrIsHarmless() {
    assertThat(withKind).hasSizeGreaterThan(300);
    assertThat(withoutKind)
        .allSatisfy(field ->
            assertThat(harmless.stream().filter(line -> line.fits(field)).map(Harmless::path))
                .as("%s: give it a kind, or list it once with a reason", field)
                .hasSize(1));
  }

  @Test
  void eachLineIsNeeded() {
    assertThat(harmless)
        .allSatisfy(line -> {
          assertThat(line.reason()).as(line.path()).contains(" ");
          assertThat(withoutKind).as(line.path()).anyMatch(line::fits);
        });
  }

  /** A pattern that is too wide would hide a field whose kind gets lost. */
  @Test
  void noLineFitsAFieldWithAKind() {
    assertThat(harmless)
        .allSatisfy(line -> assertThat(withKind).as(line.path()).noneMatch(line::fits));
  }

  private static List<Harmless> read() {
    try (InputStream in =
        Objects.requireNonNull(Schemas.class.getResourceAsStream("harmless-fields.txt"))) {
      List<Harmless> lines = new ArrayList<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .forEach(line -> lines.add(Harmless.of(line)));
      return lines;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
