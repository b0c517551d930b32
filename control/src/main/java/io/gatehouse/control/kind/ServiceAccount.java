package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An account with which clients authenticate.
 *
 * @param id with its virtual cluster, {@link Key#PASSTHROUGH} where none is given
 * @param externalNames whom others know as something else; none for local accounts
 */
public record ServiceAccount(User id, Type type, List<String> externalNames) implements Resource {

  static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{3,64}");
  static final Pattern VIRTUAL_CLUSTER = Pattern.compile("[a-zA-Z0-9._-]{1,100}");
  private static final int MAX_NAMES = 100;

  /** Who authenticates the account. */
  public enum Type {
    /** The gateway, with a token that it issued. */
    LOCAL,
    /** An identity provider. */
    EXTERNAL
  }

  public ServiceAccount {
    externalNames = List.copyOf(externalNames);
  }

  @Override
  public Key key() {
    return new Key(Kind.SERVICE_ACCOUNT, id);
  }

  /**
   * @throws InvalidException with all that is wrong
   */
  public static ServiceAccount read(Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    root.constant("kind", Kind.SERVICE_ACCOUNT.label());
    root.constant("apiVersion", Kind.API_VERSION);
    User id = id(root.object("metadata"));
    Fields spec = root.object("spec");
    Type type = spec.choice("type", Type.class);
    int problemsBefore = problems.count();
    List<String> names = spec.texts("externalNames");
    boolean areNames = problems.count() == problemsBefore;
    if (type == Type.LOCAL && !names.isEmpty()) {
      spec.problem("externalNames", "names stand at a LOCAL account; only EXTERNAL ones have them");
    } else if (type == Type.EXTERNAL && areNames && names.isEmpty()) {
      spec.problem("externalNames", "there is none; an EXTERNAL account has the name others know");
    } else if (names.size() > MAX_NAMES) {
      spec.problem("externalNames", names.size() + " names are more than " + MAX_NAMES);
    }
    spec.close();
    root.close();
    problems.requireNone();
    return new ServiceAccount(id, type == null ? Type.LOCAL : type, names);
  }

  /**
   * The identity of an account in a request body: {@code {name, vCluster}}.
   *
   * @throws InvalidException with all that is wrong
   */
  public static User readId(Value document) throws InvalidException {
    Problems problems = new Problems();
    User id = id(Fields.of(document, problems));
    problems.requireNone();
    return id;
  }

  /**
   * The name in a request body that identifies a resource of a virtual cluster.
   *
   * @throws InvalidException with all that is wrong
   */
  public static String readName(Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields fields = Fields.of(document, problems);
    String name = fields.text("name", null);
    fields.text("vCluster", VIRTUAL_CLUSTER, Key.PASSTHROUGH);
    fields.close();
    problems.requireNone();
    return name;
  }

  static User id(Fields fields) {
    String name = fields.text("name", NAME);
    String cluster = fields.text("vCluster", VIRTUAL_CLUSTER, Key.PASSTHROUGH);
    fields.close();
    return new User(cluster, name);
  }

  static Map<String, Object> document(User id, boolean defaults) {
    Map<String, Object> document = Fields.map("name", id.name());
    if (defaults || !Key.PASSTHROUGH.equals(id.tenant())) {
      document.put("vCluster", String.valueOf(id.tenant()));
    }
    return document;
  }

  @Override
  public Map<String, Object> document(boolean defaults) {
    Map<String, Object> spec = Fields.map("type", type.name());
    if (type == Type.EXTERNAL) {
      spec.put("externalNames", externalNames);
    }
    return Resource.document(Kind.SERVICE_ACCOUNT, document(id, defaults), spec);
  }
}
