package io.gatehouse.wire.schema;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Packs the JSON definitions of a kafka-clients jar into the resource that {@link Schemas} reads.
 * Runs at build time, so that a gateway starts without parsing JSON.
 */
public final class SchemaPack {

  private static final String FOLDER = "common/message/";

  private final JsonMapper mapper =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();

  private SchemaPack() {}

  /** Arguments: the kafka-clients jar, the file to write. */
  public static void main(String[] args) throws IOException {
    Path target = Path.of(args[1]);
    Path folder = target.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    List<MessageSchema> messages = new SchemaPack().parse(Path.of(args[0]));
    ByteArrayOutputStream pack = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(pack)) {
      PackFormat.write(messages, out);
    }
    // An unchanged file keeps its time, as a newer one would make Maven compile all other modules
    // again.
    if (!Files.exists(target) || !Arrays.equals(Files.readAllBytes(target), pack.toByteArray())) {
      Files.write(target, pack.toByteArray());
    }
  }

  List<MessageSchema> parse(Path jarPath) throws IOException {
    List<MessageSchema> messages = new ArrayList<>();
    try (JarFile jar = new JarFile(jarPath.toFile())) {
      for (var entry : jar.stream().toList()) {
        if (entry.getName().startsWith(FOLDER) && entry.getName().endsWith(".json")) {
          try (InputStream json = jar.getInputStream(entry)) {
            messages.add(message(mapper.readTree(json)));
          }
        }
      }
    }
    if (messages.isEmpty()) {
      throw new IOException(jarPath + " holds no " + FOLDER + "*.json");
    }
    messages.sort(Comparator.comparing(MessageSchema::name));
    return messages;
  }

  private static MessageSchema message(JsonNode json) {
    Map<String, JsonNode> structs = new HashMap<>();
    for (JsonNode struct : json.path("commonStructs")) {
      structs.put(struct.path("name").stringValue(), struct.path("fields"));
    }
    return new MessageSchema(
        json.path("name").stringValue(),
        json.path("apiKey").asInt(-1),
        versions(json, "validVersions", Versions.ALL),
        versions(json, "flexibleVersions", Versions.NONE),
        json.path("latestVersionUnstable").asBoolean(false),
        new MessageSchema.Body(fields(json.path("fields"), structs)));
  }

  private static List<Field> fields(JsonNode array, Map<String, JsonNode> structs) {
    List<Field> fields = new ArrayList<>();
    for (JsonNode json : array) {
      fields.add(field(json, structs));
    }
    return List.copyOf(fields);
  }

  private static Field field(JsonNode json, Map<String, JsonNode> structs) {
    String notation = json.path("type").stringValue();
    boolean array = notation.startsWith("[]");
    String element = array ? notation.substring(2) : notation;
    FieldType primitive = FieldType.primitive(element);
    Field.Ranges ranges =
        new Field.Ranges(
            versions(json, "versions", Versions.ALL),
            versions(json, "nullableVersions", Versions.NONE),
            versions(json, "taggedVersions", Versions.NONE),
            versions(json, "flexibleVersions", Versions.ALL));
    return new Field(
        json.path("name").stringValue(),
        primitive == null ? FieldType.STRUCT : primitive,
        array,
        ranges,
        json.path("tag").asInt(-1),
        new Field.Meaning(json.path("entityType").asString(""), json.path("default").asString("")),
        primitive == null ? structFields(json, element, structs) : List.of());
  }

  private static List<Field> structFields(
      JsonNode json, String name, Map<String, JsonNode> structs) {
    @Nullable JsonNode shared = structs.get(name);
    return fields(shared == null ? json.path("fields") : shared, structs);
  }

  private static Versions versions(JsonNode json, String key, Versions otherwise) {
    JsonNode value = json.path(key);
    return value.isMissingNode() ? otherwise : Versions.parse(value.asString());
  }
}
