package io.gatehouse.auth.login;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object as services and files of credentials have it. */
public record JsonObject(Map<String, Object> members) {

  /**
   * Reads one.
   *
   * @param what it is, for the message; the text itself is not shown, it may hold secrets
   * @throws LoginFailure when it is none
   */
  public static JsonObject read(String text, String what) throws LoginFailure {
    try {
      return new JsonObject(JSONObjectUtils.parse(text));
    } catch (ParseException e) {
      throw new LoginFailure(what + " is no JSON object");
    }
  }

  /** The member as text, null where it is missing, empty or something else. */
  public @Nullable String text(String name) {
    return members.get(name) instanceof String text && !text.isEmpty() ? text : null;
  }

  /** The text of the member, which must be there. */
  public String needed(String name, String what) throws LoginFailure {
    String text = text(name);
    if (text == null) {
      throw new LoginFailure(what + " has no " + name);
    }
    return text;
  }

  /** The names alone, for the texts may be secrets. */
  @Override
  public String toString() {
    return "JsonObject" + members.keySet();
  }
}
