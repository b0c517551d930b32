package io.gatehouse.control.kind;

import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/** Parses the documents of a store, of any kind. */
public final class Stored {

  private static final Pattern ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

  private Stored() {}

  /**
   * Reads a resource of a kind that users create.
   *
   * @throws InvalidException with all that is wrong
   */
  public static Resource readOfUsers(Value document) throws InvalidException {
    return read(kindOfUsers(document), document);
  }

  /**
   * Reads which resource a document is about, which may lack everything else.
   *
   * @throws InvalidException with all that is wrong
   */
  public static Key readKey(Value document) throws InvalidException {
    Kind kind = kindOfUsers(document);
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    root.constant("kind", kind.label());
    root.constant("apiVersion", Kind.API_VERSION);
    Fields metadata = root.object("metadata");
    User id =
        kind == Kind.SERVICE_ACCOUNT
            ? ServiceAccount.id(metadata)
            : User.named(metadata.text("name", ID));
    problems.requireNone();
    return new Key(kind, id);
  }

  private static Kind kindOfUsers(Value document) throws InvalidException {
    if (!(document instanceof Value.Fields fields)) {
      throw new InvalidException(List.of(document.shown() + " stands for an object"));
    }
    Value label = fields.fields().get("kind");
    if (label instanceof Value.Text text) {
      Kind kind = Kind.ofUsers(text.text());
      if (kind != null) {
        return kind;
      }
    }
    throw new InvalidException(
        List.of(
            label instanceof Value.Text text
                ? "kind: there is no kind "
                    + text.shown()
                    + " that can be applied"
                    + Nearest.hintOrAll(text.text(), Kind.labelsOfUsers())
                : "kind: it is missing or no text, valid are: "
                    + String.join(", ", Kind.labelsOfUsers())));
  }

  /**
   * @throws InvalidException with all that is wrong
   */
  public static Resource read(Value document) throws InvalidException {
    if (document instanceof Value.Fields fields
        && fields.fields().get("kind") instanceof Value.Text label) {
      for (Kind kind : Kind.values()) {
        if (kind.isSupported() && kind.label().equals(label.text())) {
          return read(kind, document);
        }
      }
      throw new InvalidException(
          List.of(
              "kind: "
                  + label.shown()
                  + " is not kept here"
                  + Nearest.hintOrAll(label.text(), Kind.labels())));
    }
    throw new InvalidException(
        List.of("kind: it is missing, valid are: " + String.join(", ", Kind.labels())));
  }

  private static Resource read(Kind kind, Value document) throws InvalidException {
    return switch (kind) {
      case SERVICE_ACCOUNT -> ServiceAccount.read(document);
      case GROUP -> Group.read(document);
      default -> own(kind, document);
    };
  }

  private static Resource own(Kind kind, Value document) throws InvalidException {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    root.constant("kind", kind.label());
    root.constant("apiVersion", Kind.OWN_VERSION);
    if (kind == Kind.LABEL) {
      Label label = Label.read(root);
      root.close();
      problems.requireNone();
      return label;
    }
    Fields metadata = root.object("metadata");
    User id;
    if (kind == Kind.REVOKED_ACCOUNT) {
      id = ServiceAccount.id(metadata);
    } else {
      id = User.named(metadata.text("name", ID));
      metadata.close();
    }
    Fields spec = root.object("spec");
    Instant until = time(spec, "until");
    Instant before = kind == Kind.REVOKED_ACCOUNT ? time(spec, "issuedBefore") : until;
    spec.close();
    root.close();
    problems.requireNone();
    return switch (kind) {
      case REVOKED_TOKEN -> new RevokedToken(id.name(), until);
      case REVOKED_ACCOUNT -> new RevokedAccount(id, before, until);
      case TOKENS -> new Tokens(until);
      default -> throw new IllegalStateException("not a kind of the store's own: " + kind);
    };
  }

  private static Instant time(Fields spec, String name) {
    String text = spec.text(name, null);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      spec.problem(name, Value.Text.quoted(text) + " is not a time like 2026-11-21T12:00:00Z");
      return Instant.EPOCH;
    }
  }
}
