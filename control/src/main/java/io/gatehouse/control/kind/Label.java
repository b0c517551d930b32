package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Marks a resource as one of those that are applied together, so that the ones that are no longer
 * among them can be found and deleted.
 *
 * @param of the resource that is marked
 * @param name the label
 * @param file where the gateway's folder declares the resource; null for those that were applied
 *     over HTTP
 */
public record Label(Key of, String name, @Nullable String file) implements Resource {

  /** The label of the resources in the gateway's folder ({@code admin.folder}). */
  public static final String FOLDER = "folder";

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}");

  /** Whether clients may use a label of this name. */
  public static boolean isValid(String name) {
    return NAME.matcher(name).matches() && !name.equals(FOLDER);
  }

  /** The syntax of labels, for messages. */
  public static String rule() {
    return "letters, digits, '_', '.' and '-', at most 63, and not '" + FOLDER + "'";
  }

  /** The key of the label of a resource. */
  public static Key keyOf(Key resource) {
    String name = resource.kind().label() + "/" + resource.id().name();
    return new Key(Kind.LABEL, new User(resource.id().tenant(), name));
  }

  @Override
  public Key key() {
    return keyOf(of);
  }

  @Override
  public Map<String, Object> document(boolean defaults) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("kind", of.kind().label());
    metadata.put("name", of.id().name());
    if (of.id().tenant() != null) {
      metadata.put("vCluster", of.id().tenant());
    }
    Map<String, Object> spec = Fields.map("label", name);
    if (file != null) {
      spec.put("file", file);
    }
    return Resource.document(Kind.LABEL, metadata, spec);
  }

  static Label read(Fields root) {
    Fields metadata = root.object("metadata");
    String label = metadata.text("kind", null);
    String name = metadata.text("name", null);
    String cluster = metadata.has("vCluster") ? metadata.text("vCluster", null) : null;
    metadata.close();
    Kind kind = Kind.ofUsers(label);
    if (kind == null) {
      metadata.problem("kind", "it is not a kind of resource");
    }
    Fields spec = root.object("spec");
    String given = spec.text("label", NAME);
    String file = spec.has("file") ? spec.text("file", null) : null;
    spec.close();
    User id = new User(cluster, name);
    return new Label(new Key(kind == null ? Kind.GROUP : kind, id), given, file);
  }
}
