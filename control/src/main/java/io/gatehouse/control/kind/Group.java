package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A group of service accounts, which may belong to different virtual clusters.
 *
 * @param externalGroups names of groups of an identity provider or a directory that belong to it
 */
public record Group(String name, List<User> members, List<String> externalGroups)
    implements Resource {

  static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,100}");

  public Group {
    members = List.copyOf(members);
    externalGroups = List.copyOf(externalGroups);
  }

  @Override
  public Key key() {
    return Key.of(Kind.GROUP, name);
  }

  /**
   * @throws InvalidException with all that is wrong
   */
  public static Group read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.GROUP);
    String name = parts.metadata().text("name", NAME);
    Fields spec = parts.spec();
    Set<User> members = new LinkedHashSet<>();
    for (Fields member : spec.objects("members")) {
      User id = ServiceAccount.id(member);
      member.close();
      if (!members.add(id) && parts.problems().count() == 0) {
        member.problem("name", Value.Text.quoted(id.name()) + " is a member twice");
      }
    }
    List<String> externalGroups = spec.texts("externalGroups", null);
    parts.end();
    return new Group(name, List.copyOf(members), externalGroups);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> spec = Fields.map();
    if (defaults || !members.isEmpty()) {
      spec.put(
          "members", members.stream().map(id -> ServiceAccount.document(id, defaults)).toList());
    }
    if (defaults || !externalGroups.isEmpty()) {
      spec.put("externalGroups", externalGroups);
    }
    return Resource.document(Kind.GROUP, Fields.map("name", name), spec);
  }
}
