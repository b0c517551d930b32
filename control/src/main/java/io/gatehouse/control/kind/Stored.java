package io.gatehouse.control.kind;

import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
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
    Kind kind = kindOfUsers(document);
    return kind == Kind.VIRTUAL_CLUSTER ? VirtualCluster.read(document) : read(kind, document);
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
    root.constant("kind", kind.labels());
    root.constant("apiVersion", List.of(Kind.API_VERSION));
    Fields metadata = root.object("metadata");
    Key key =
        switch (kind) {
          case SERVICE_ACCOUNT -> new Key(kind, ServiceAccount.id(metadata));
          case ALIAS_TOPIC, CONCENTRATION_RULE ->
              new Key(kind, ServiceAccount.id(metadata, AliasTopic.TOPIC));
          case INTERCEPTOR -> Key.of(metadata.text("name", null), Scope.of(metadata));
          default -> Key.of(kind, metadata.text("name", null));
        };
    metadata.close();
    problems.requireNone();
    return key;
  }

  private static Kind kindOfUsers(Value document) throws InvalidException {
    if (!(document instanceof Value.Fields fields)) {
      throw new InvalidException(List.of(document.shown() + " stands for an object"));
    }
    Value label = fields.fields().get("kind");
    if (label instanceof Value.Text text) {
      Kind kind = Kind.of(text.text());
      if (kind != null && kind.isOfUsers()) {
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
    return read(kind(document), document);
  }

  private static Kind kind(Value document) throws InvalidException {
    List<String> labels = Arrays.stream(Kind.values()).map(Kind::label).toList();
    if (document instanceof Value.Fields fields
        && fields.fields().get("kind") instanceof Value.Text label) {
      Kind kind = Kind.of(label.text());
      if (kind != null) {
        return kind;
      }
      throw new InvalidException(
          List.of(
              "kind: "
                  + label.shown()
                  + " is not kept here"
                  + Nearest.hintOrAll(label.text(), labels)));
    }
    throw new InvalidException(
        List.of("kind: it is missing, valid are: " + String.join(", ", labels)));
  }

  private static Resource read(Kind kind, Value document) throws InvalidException {
    return switch (kind) {
      case VIRTUAL_CLUSTER -> VirtualCluster.readStored(document);
      case ALIAS_TOPIC -> AliasTopic.read(document);
      case CONCENTRATION_RULE -> ConcentrationRule.read(document);
      case CONCENTRATED_TOPIC -> ConcentratedTopic.read(document);
      case SERVICE_ACCOUNT -> ServiceAccount.read(document);
      case GROUP -> Group.read(document);
      case INTERCEPTOR -> Interceptor.read(document);
      case LABEL -> Label.read(document);
      case ACCOUNT_PASSWORD -> AccountPassword.read(document);
      case ACCESS_RULES -> AccessRules.read(document);
      case REVOKED_TOKEN, REVOKED_ACCOUNT, TOKENS -> own(kind, document);
    };
  }

  private static Resource own(Kind kind, Value document) throws InvalidException {
    Parts parts = Parts.of(document, kind);
    Fields spec = parts.spec();
    User id =
        kind == Kind.REVOKED_ACCOUNT
            ? ServiceAccount.id(parts.metadata())
            : User.named(parts.metadata().text("name", ID));
    Instant until = time(spec, "until");
    Instant before = kind == Kind.REVOKED_ACCOUNT ? time(spec, "issuedBefore") : until;
    parts.end();
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
