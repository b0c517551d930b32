package io.gatehouse.wire.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.tree.Oracle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.types.ArrayOf;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Field.TaggedFieldsSection;
import org.apache.kafka.common.protocol.types.NullableSchema;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The packed definitions agree with Kafka's generated classes. */
class SchemasTest {

  @ParameterizedTest
  @EnumSource(ApiMessageType.class)
  void everyApiHasKafkasVersions(ApiMessageType api) {
    MessageSchema request = Objects.requireNonNull(Schemas.get().request(api.apiKey()));
    MessageSchema response = Objects.requireNonNull(Schemas.get().response(api.apiKey()));

    for (MessageSchema schema : List.of(request, response)) {
      assertThat(schema.apiKey()).isEqualTo(api.apiKey());
      assertThat(schema.valid().lowest()).isEqualTo(api.lowestSupportedVersion());
      assertThat(schema.valid().highest()).isEqualTo(api.highestSupportedVersion(true));
    }
    assertThat(request.unstableLatest()).isEqualTo(api.latestVersionUnstable());
    assertThat(request.name()).isEqualTo(api.name + "Request");
    assertThat(response.name()).isEqualTo(api.name + "Response");
    assertThat(Schemas.get().apiName(api.apiKey())).isEqualTo(api.name);
  }

  @Test
  void theApisAreKafkas() {
    assertThat(Schemas.get().apiKeys())
        .containsExactlyElementsOf(
            Arrays.stream(ApiMessageType.values())
                .map(api -> (int) api.apiKey())
                .sorted()
                .toList());
  }

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#all")
  void everyMessageInTheJarIsPresent(String name) {
    assertThat(Messages.schema(name).name()).isEqualTo(name);
  }

  @Test
  void anUnknownNameOrKeyIsNull() {
    assertThat(Schemas.get().message("NoSuchRequest")).isNull();
    for (int key : new int[] {-1, 999, 1024, Short.MAX_VALUE, Short.MIN_VALUE}) {
      assertThat(Schemas.get().request(key)).isNull();
      assertThat(Schemas.get().response(key)).isNull();
      assertThat(Schemas.get().apiName(key)).isNull();
    }
  }

  /** Compares each field's name, type, nullability, encoding and tag with Kafka's own schemas. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void everyFieldOfEveryVersionIsKafkas(String name) throws ReflectiveOperationException {
    Schema[] theirs =
        (Schema[])
            Objects.requireNonNull(
                Oracle.type(Messages.schema(name)).getField("SCHEMAS").get(null));
    assertThat(Messages.schema(name).valid().highest()).isEqualTo((short) (theirs.length - 1));

    Messages.layouts(name)
        .forEach(layout ->
            assertThat(lines(layout.root()))
                .as("%s v%s", name, layout.version())
                .isEqualTo(lines(theirs[layout.version()])));
  }

  private static List<String> lines(StructLayout struct) {
    List<String> lines = new ArrayList<>();
    add(struct, "", lines);
    return lines;
  }

  private static void add(StructLayout struct, String indent, List<String> lines) {
    for (FieldLayout field : struct.fields()) {
      add(field, indent + field.name().toLowerCase(Locale.ROOT), indent, lines);
    }
    if (struct.flexible()) {
      lines.add(indent + "tags");
      for (FieldLayout field : struct.tagged()) {
        String name = field.tag() + "=" + field.name().toLowerCase(Locale.ROOT);
        add(field, indent + name, indent, lines);
      }
    }
  }

  private static void add(FieldLayout field, String name, String indent, List<String> lines) {
    StringBuilder line = new StringBuilder(name).append(' ');
    boolean isStruct = field.type() == FieldType.STRUCT;
    if (field.array()) {
      line.append(field.compact() ? "compact " : "").append(field.nullable() ? "nullable " : "");
      line.append("array of ");
      line.append(isStruct ? "struct" : primitive(field.type(), field.compact(), false));
    } else if (isStruct) {
      line.append(field.nullable() ? "nullable struct" : "struct");
    } else {
      line.append(primitive(field.type(), field.compact(), field.nullable()));
    }
    lines.add(line.toString());
    if (isStruct) {
      add(field.structOrThrow(), indent + "  ", lines);
    }
  }

  private static String primitive(FieldType type, boolean compact, boolean nullable) {
    return switch (type) {
      case BOOL -> "BOOLEAN";
      case UINT32 -> "UINT32";
      case STRING, BYTES, RECORDS ->
          (compact ? "COMPACT_" : "") + (nullable ? "NULLABLE_" : "") + type;
      default -> type.name();
    };
  }

  private static List<String> lines(Schema schema) {
    List<String> lines = new ArrayList<>();
    add(schema, "", lines);
    return lines;
  }

  private static void add(Schema schema, String indent, List<String> lines) {
    for (BoundField bound : schema.fields()) {
      if (bound.def instanceof TaggedFieldsSection) {
        lines.add(indent + "tags");
        Map<Integer, org.apache.kafka.common.protocol.types.Field> tagged =
            new TreeMap<>(((TaggedFields) bound.def.type).fields());
        tagged.forEach(
            (tag, field) -> add(tag + "=" + plain(field.name), field.type, indent, lines));
      } else {
        add(plain(bound.def.name), bound.def.type, indent, lines);
      }
    }
  }

  private static void add(String name, Type type, String indent, List<String> lines) {
    switch (type) {
      case ArrayOf array -> {
        Type element = array.arrayElementType().orElseThrow();
        lines.add(
            indent + name + (array.isNullable() ? " nullable" : "") + " array of " + word(element));
        addStruct(element, indent, lines);
      }
      case CompactArrayOf array -> {
        Type element = array.arrayElementType().orElseThrow();
        lines.add(
            indent
                + name
                + " compact"
                + (array.isNullable() ? " nullable" : "")
                + " array of "
                + word(element));
        addStruct(element, indent, lines);
      }
      default -> {
        lines.add(indent + name + " " + word(type));
        addStruct(type, indent, lines);
      }
    }
  }

  private static void addStruct(Type type, String indent, List<String> lines) {
    if (type instanceof Schema schema) {
      add(schema, indent + "  ", lines);
    }
  }

  private static String word(Type type) {
    return switch (type) {
      case NullableSchema _ -> "nullable struct";
      case Schema _ -> "struct";
      default -> type.toString();
    };
  }

  /** Converts {@code throttle_time_ms} to the definitions' name in lower case. */
  private static String plain(String name) {
    return name.replace("_", "");
  }
}
