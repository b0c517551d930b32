package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
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
    return new Key(Kind.LABEL, new User(resource.id().tenant(), name), resource.scope());
  }

  @Override
  public Key key() {
    return keyOf(of);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> spec = Fields.map("label", name);
    if (file != null) {
      spec.put("file", file);
    }
    return Resource.document(Kind.LABEL, of.document(), spec);
  }

  static Label read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.LABEL);
    Key key = Key.read(parts.metadata());
    String given = parts.spec().text("label", NAME);
    String file = parts.spec().textOrNull("file", null);
    parts.end();
    return new Label(key, given, file);
  }
}
