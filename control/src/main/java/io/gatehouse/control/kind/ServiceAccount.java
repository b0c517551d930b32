package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
    Parts parts = Parts.of(document, Kind.SERVICE_ACCOUNT);
    Problems problems = parts.problems();
    User id = id(parts.metadata());
    Fields spec = parts.spec();
    int problemsBefore = problems.count();
    Type type = spec.choice("type", Type.class);
    List<String> names = spec.texts("externalNames", null);
    boolean sound = problems.count() == problemsBefore;
    if (sound && type == Type.LOCAL && !names.isEmpty()) {
      spec.problem("externalNames", "names stand at a LOCAL account; only EXTERNAL ones have them");
    } else if (sound && type == Type.EXTERNAL && names.isEmpty()) {
      spec.problem("externalNames", "there is none; an EXTERNAL account has the name others know");
    } else if (names.size() > MAX_NAMES) {
      spec.problem("externalNames", names.size() + " names are more than " + MAX_NAMES);
    }
    parts.end();
    return new ServiceAccount(id, type, names);
  }

  /**
   * Reads a user mapping of the API before {@code gateway/v2}: who has the external name {@code
   * principal} is the account {@code username}.
   *
   * @return null if the user has this name anyway
   * @throws InvalidException with all that is wrong
   */
  public static @Nullable ServiceAccount readMapping(String vCluster, Value document)
      throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    String name = root.text("username", null);
    String principal = root.text("principal", null, name);
    List<String> groups = root.texts("groups", null);
    if (!groups.isEmpty()) {
      root.problem("groups", "groups are resources of their own: GatewayGroup");
    }
    boolean same = name.equals(principal) && vCluster.equals(Key.PASSTHROUGH);
    if (!same && problems.count() == 0) {
      root.text("username", NAME);
    }
    root.close();
    problems.requireNone();
    return same
        ? null
        : new ServiceAccount(new User(vCluster, name), Type.EXTERNAL, List.of(principal));
  }

  /**
   * The identity of an account in a request body: {@code {name, vCluster}}.
   *
   * @throws InvalidException with all that is wrong
   */
  public static User readId(Value document) throws InvalidException {
    return readId(document, NAME);
  }

  /**
   * The identity of any resource of a virtual cluster in a request body.
   *
   * @throws InvalidException with all that is wrong
   */
  static User readId(Value document, Pattern name) throws InvalidException {
    Problems problems = new Problems();
    Fields fields = Fields.of(document, problems);
    User id = id(fields, name);
    fields.close();
    problems.requireNone();
    return id;
  }

  static User id(Fields fields) {
    return id(fields, NAME);
  }

  static User id(Fields fields, Pattern name) {
    String text = fields.text("name", name);
    return new User(fields.text("vCluster", VIRTUAL_CLUSTER, Key.PASSTHROUGH), text);
  }

  static Map<String, @Nullable Object> document(User id, boolean defaults) {
    Map<String, @Nullable Object> document = Fields.map("name", id.name());
    if (defaults || !Key.PASSTHROUGH.equals(id.tenant())) {
      document.put("vCluster", String.valueOf(id.tenant()));
    }
    return document;
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> spec = Fields.map("type", type.name());
    if (type == Type.EXTERNAL) {
      spec.put("externalNames", externalNames);
    }
    return Resource.document(Kind.SERVICE_ACCOUNT, document(id, defaults), spec);
  }
}
