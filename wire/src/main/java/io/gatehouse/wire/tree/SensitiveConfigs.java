package io.gatehouse.wire.tree;

import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which values of configurations are hidden.
 *
 * <p>A configuration is a struct that pairs a {@code Name} or {@code Key} with a {@code Value}, as
 * in CreateTopics, AlterConfigs, IncrementalAlterConfigs and DescribeConfigs. Its value is hidden
 * if the name resembles that of a secret or the broker calls it sensitive, which may hide too much.
 */
final class SensitiveConfigs {

  /** Found anywhere in a name, because listener prefixes may precede it; in lower case. */
  private static final Pattern SECRET_NAME =
      Pattern.compile(
          "passw|passphrase|pwd|secret|token|credential|private|jaas|hmac|salt"
              + "|ssl\\.keystore\\.|api\\.?key|access\\.?key|auth\\.user"
              + "|(^|[._-])key($|[._-])");

  /**
   * Found anywhere in a value, in lower case: a JAAS line or a URL's query under a harmless name.
   */
  private static final Pattern SECRET_VALUE =
      Pattern.compile("passw|secret|loginmodule|-----begin");

  private SensitiveConfigs() {}

  /** Whether the values of this struct must be hidden. */
  static boolean hidesValue(Struct struct) {
    if (struct.has("IsSensitive") && struct.getBoolean("IsSensitive")) {
      return true;
    }
    if (!hasText(struct, "Value")) {
      return false;
    }
    String name = textOf(struct, hasText(struct, "Name") ? "Name" : "Key");
    String value = textOf(struct, "Value");
    return (name != null && SECRET_NAME.matcher(name).find())
        || (value != null && SECRET_VALUE.matcher(value).find());
  }

  /** Whether this is the field to hide in such a struct. */
  static boolean isValue(FieldLayout field) {
    return field.type() == FieldType.STRING && !field.array() && field.name().equals("Value");
  }

  private static boolean hasText(Struct struct, String name) {
    List<FieldLayout> fields = struct.layout().fields();
    return fields.stream()
        .anyMatch(f -> f.name().equals(name) && f.type() == FieldType.STRING && !f.array());
  }

  private static @Nullable String textOf(Struct struct, String name) {
    if (!hasText(struct, name)) {
      return null;
    }
    String text = struct.getStringOrNull(name);
    return text == null ? null : text.toLowerCase(Locale.ROOT);
  }
}
