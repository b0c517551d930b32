package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a resource.
 *
 * @param id its name, and its virtual cluster where the kind has one
 * @param scope of an interceptor and of its label, null for other kinds
 */
public record Key(Kind kind, User id, @Nullable Scope scope) {

  /** The virtual cluster of all clients without one of their own. */
  public static final String PASSTHROUGH = "passthrough";

  private static final Set<Kind> SCOPED = EnumSet.of(Kind.INTERCEPTOR, Kind.LABEL);

  public Key {
    if (scope == null ? kind == Kind.INTERCEPTOR : !SCOPED.contains(kind)) {
      throw new IllegalArgumentException("each interceptor has a scope, and other kinds have none");
    }
  }

  public Key(Kind kind, User id) {
    this(kind, id, null);
  }

  /** A key of a kind whose names are unique across virtual clusters. */
  public static Key of(Kind kind, String name) {
    return new Key(kind, User.named(name));
  }

  /** The key of an interceptor. */
  public static Key of(String interceptor, Scope scope) {
    return new Key(Kind.INTERCEPTOR, User.named(interceptor), scope);
  }

  /** The virtual cluster that it belongs to, or is; null for none. */
  public @Nullable String virtualCluster() {
    if (scope != null) {
      return scope.vCluster();
    }
    return kind == Kind.VIRTUAL_CLUSTER ? id.name() : id.tenant();
  }

  /** The name in messages, for example {@code passthrough/alice}. */
  public String shown() {
    if (scope != null) {
      return "%s (%s)".formatted(id.name(), scope.shown());
    }
    return id.tenant() == null ? id.name() : id.tenant() + "/" + id.name();
  }

  /** For stores, which read it with {@link #read}. */
  public Map<String, @Nullable Object> document() {
    Map<String, @Nullable Object> document = Fields.map("kind", kind.label(), "name", id.name());
    if (id.tenant() != null) {
      document.put("vCluster", id.tenant());
    }
    if (scope != null) {
      document.put("scope", scope.document());
    }
    return document;
  }

  /**
   * Reads what {@link #document} wrote.
   *
   * @throws InvalidException with all that is wrong
   */
  public static Key read(Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields fields = Fields.of(document, problems);
    Key key = read(fields);
    fields.close();
    problems.requireNone();
    return key;
  }

  static Key read(Fields fields) {
    String label = fields.text("kind", null);
    Kind kind = Kind.of(label);
    if (kind == null) {
      fields.problem("kind", Value.Text.quoted(label) + " is no kind of resource");
      kind = Kind.GROUP;
    }
    User id = new User(fields.textOrNull("vCluster", null), fields.text("name", null));
    boolean scoped = kind == Kind.INTERCEPTOR || (kind == Kind.LABEL && fields.has("scope"));
    return new Key(kind, id, scoped ? Scope.of(fields) : null);
  }
}
