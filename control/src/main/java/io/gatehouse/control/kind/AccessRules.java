package io.gatehouse.control.kind;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.JsonText;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.Acl.Match;
import io.gatehouse.control.kind.Acl.Operation;
import io.gatehouse.control.kind.Acl.Permission;
import io.gatehouse.control.kind.Acl.Resources;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Access rules that clients of a virtual cluster, or of passthrough, have made with Kafka's
 * requests. They are spread over {@value #PARTS} resources, so that a store writes little when one
 * of very many rules changes, and deletes few resources with a virtual cluster.
 *
 * @param part which of the resources it is, see {@link #partOf}
 */
public record AccessRules(String virtualCluster, int part, List<Acl> rules) implements Resource {

  private static final int PARTS = 4096;

  private static final Pattern PART = Pattern.compile("[0-9]{1,4}");
  private static final Pattern TYPE_MATCH_NAME = Pattern.compile("[A-Z_]+ [A-Z]+ .+");

  public AccessRules {
    rules = List.copyOf(rules);
  }

  /** The part that has a rule; the same in all processes and versions. */
  public static int partOf(Acl rule) {
    // Similar rules, as most are, have checksums all over the range.
    CRC32 checksum = new CRC32();
    checksum.update(JsonText.of(document(rule)).getBytes(UTF_8));
    return (int) (checksum.getValue() % PARTS);
  }

  /** The key of a part. */
  public static Key keyOf(String virtualCluster, int part) {
    return new Key(Kind.ACCESS_RULES, new User(virtualCluster, String.valueOf(part)));
  }

  @Override
  public Key key() {
    return keyOf(virtualCluster, part);
  }

  /** The same part with more rules; those that it has already stay. */
  public AccessRules with(Collection<Acl> more) {
    Set<Acl> all = new LinkedHashSet<>(rules);
    all.addAll(more);
    return new AccessRules(virtualCluster, part, List.copyOf(all));
  }

  /**
   * Checks that these rules can be read again when they are stored.
   *
   * @throws InvalidException with all that is wrong, such as control characters in names
   */
  public static void check(Collection<Acl> rules) throws InvalidException {
    AccessRules some = new AccessRules(Key.PASSTHROUGH, 0, List.copyOf(rules));
    String text = JsonText.of(some.document(true));
    try {
      read(Document.readAll(text.getBytes(UTF_8), Document.Form.JSON).getFirst());
    } catch (MalformedException e) {
      throw new InvalidException(List.of(String.valueOf(e.getMessage())));
    }
  }

  static AccessRules read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.ACCESS_RULES);
    User id = ServiceAccount.id(parts.metadata(), PART);
    List<Acl> rules = parts.spec().objects("rules").stream().map(AccessRules::rule).toList();
    parts.end();
    return new AccessRules(
        String.valueOf(id.tenant()), Integer.parseInt(id.name()), List.copyOf(rules));
  }

  private static Acl rule(Fields fields) {
    Permission permission = fields.has("deny") ? Permission.DENY : Permission.ALLOW;
    Operation operation = fields.choice(keyOf(permission), Operation.class);
    String principal = fields.text("to", null);
    String host = fields.text("from", null, Acl.ANY_HOST);
    String on = fields.text("on", TYPE_MATCH_NAME);
    fields.close();
    return new Acl(resources(on, fields), principal, host, operation, permission);
  }

  private static Resources resources(String on, Fields fields) {
    String[] words = on.split(" ", 3);
    try {
      return new Resources(Acl.Type.valueOf(words[0]), words[2], Match.valueOf(words[1]));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      fields.problem("on", Value.Text.quoted(on) + " is nothing like 'TOPIC LITERAL name'");
      return new Resources(Acl.Type.TOPIC, on, Match.LITERAL);
    }
  }

  private static String keyOf(Permission permission) {
    return permission == Permission.DENY ? "deny" : "allow";
  }

  /** Shorter than {@link Acl#document}, because there may be very many. */
  private static Map<String, @Nullable Object> document(Acl rule) {
    Map<String, @Nullable Object> document =
        Fields.map(keyOf(rule.permission()), rule.operation().name(), "to", rule.principal());
    if (!rule.host().equals(Acl.ANY_HOST)) {
      document.put("from", rule.host());
    }
    Resources on = rule.resources();
    document.put("on", on.type() + " " + on.match() + " " + on.name());
    return document;
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    return Resource.document(
        Kind.ACCESS_RULES,
        Fields.map("name", String.valueOf(part), "vCluster", virtualCluster),
        Fields.map("rules", rules.stream().map(AccessRules::document).toList()));
  }
}
