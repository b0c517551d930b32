package io.gatehouse.control.kind;

import io.gatehouse.auth.Secret;
import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.doc.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A plugin that handles the traffic of some clients.
 *
 * @param name one name in several scopes is one interceptor with several configurations
 */
public record Interceptor(String name, Scope scope, Spec spec) implements Resource {

  /** A name is a segment in paths of the HTTP API. */
  private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[^/]{1,255}");

  /** The only timeout of interceptors: there is none. */
  private static final long NO_TIMEOUT = Long.MAX_VALUE;

  /** The name of a Java class. */
  private static final Pattern CLASS = Pattern.compile("[\\w$]+(\\.[\\w$]+)*");

  /**
   * What it does.
   *
   * @param priority those with lower ones come first
   * @param config in the form of {@link Value#plain}; its texts may have references to secrets
   */
  public record Spec(
      @Nullable String comment,
      String pluginClass,
      int priority,
      Map<String, @Nullable Object> config) {

    /**
     * The configuration with the values that its references stand for. A text with a reference
     * becomes a {@link Secret} as a whole, so it cannot be written into an answer or a file.
     *
     * @throws InvalidException with all references that cannot be followed
     */
    public Map<String, @Nullable Object> resolve(Substitution values) throws InvalidException {
      Problems problems = new Problems();
      Map<String, @Nullable Object> resolved = new LinkedHashMap<>();
      config.forEach((name, value) -> {
        String path = "spec.config." + Value.Text.bare(name);
        resolved.put(name, resolve(value, path, values, problems));
      });
      problems.requireNone();
      return Collections.unmodifiableMap(resolved);
    }

    private static @Nullable Object resolve(
        @Nullable Object value, String path, Substitution values, Problems problems) {
      switch (value) {
        case String text when text.contains("${") -> {
          try {
            return new Secret(values.apply(text));
          } catch (IllegalArgumentException e) {
            problems.add(path + ": " + e.getMessage());
            return null;
          }
        }
        case List<?> list -> {
          List<@Nullable Object> items = new ArrayList<>();
          for (Object item : list) {
            items.add(resolve(item, path + "[" + items.size() + "]", values, problems));
          }
          return Collections.unmodifiableList(items);
        }
        case Map<?, ?> map -> {
          Map<String, @Nullable Object> fields = new LinkedHashMap<>();
          map.forEach((key, field) -> {
            String name = String.valueOf(key);
            String at = path + "." + Value.Text.bare(name);
            fields.put(name, resolve(field, at, values, problems));
          });
          return Collections.unmodifiableMap(fields);
        }
        case null, default -> {
          return value;
        }
      }
    }
  }

  @Override
  public Key key() {
    return Key.of(name, scope);
  }

  /**
   * @throws InvalidException with all that is wrong
   */
  public static Interceptor read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.INTERCEPTOR);
    String name = parts.metadata().text("name", NAME);
    Scope scope = Scope.of(parts.metadata());
    Spec spec = spec(parts.spec());
    parts.end();
    return new Interceptor(name, scope, spec);
  }

  /**
   * Reads an interceptor of the API before {@code gateway/v2}, where name and scope are in the
   * path.
   *
   * @throws InvalidException with all that is wrong
   */
  public static Interceptor readLegacy(String name, Scope scope, Value document)
      throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    if (!NAME.matcher(name).matches()) {
      root.problem("name", Value.Text.quoted(name) + " does not match ^" + NAME + "$");
    }
    Spec spec = spec(root);
    root.readOnly("name");
    if (root.isGiven("timeoutMs")) {
      root.number("timeoutMs", NO_TIMEOUT, NO_TIMEOUT);
    }
    root.close();
    problems.requireNone();
    return new Interceptor(name, scope, spec);
  }

  private static Spec spec(Fields fields) {
    return new Spec(
        fields.textOrEmpty("comment"),
        fields.text("pluginClass", CLASS),
        (int) fields.number("priority", Integer.MIN_VALUE, Integer.MAX_VALUE),
        fields.free("config"));
  }

  /** The interceptor as {@link #readLegacy} reads it. */
  public Map<String, @Nullable Object> legacyDocument() {
    return Fields.map(
        "name", name,
        "pluginClass", spec.pluginClass,
        "priority", spec.priority,
        "timeoutMs", NO_TIMEOUT,
        "config", spec.config);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> document = Fields.map();
    if (spec.comment != null) {
      document.put("comment", spec.comment);
    }
    document.put("pluginClass", spec.pluginClass);
    document.put("priority", spec.priority);
    document.put("config", spec.config);
    return Resource.document(
        Kind.INTERCEPTOR, Fields.map("name", name, "scope", scope.document()), document);
  }
}
