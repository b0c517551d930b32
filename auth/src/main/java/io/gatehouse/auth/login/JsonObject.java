package io.gatehouse.auth.login;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object from a service or a file of credentials. */
public record JsonObject(Map<String, Object> members) {

  /**
   * Parses an object.
   *
   * @param what names the text in messages; the text itself is never shown, because it may hold
   *     secrets
   * @throws LoginFailure when the text is not a JSON object
   */
  public static JsonObject read(String text, String what) throws LoginFailure {
    try {
      return new JsonObject(JSONObjectUtils.parse(text));
    } catch (ParseException e) {
      throw new LoginFailure(what + " is no JSON object");
    }
  }

  /** The string member of this name; null if it is missing, empty or of another type. */
  public @Nullable String text(String name) {
    return members.get(name) instanceof String text && !text.isEmpty() ? text : null;
  }

  /**
   * The string member of this name.
   *
   * @throws LoginFailure when it is missing, empty or of another type
   */
  public String needed(String name, String what) throws LoginFailure {
    String text = text(name);
    if (text == null) {
      throw new LoginFailure(what + " has no " + name);
    }
    return text;
  }

  /** The names alone, because values may be secrets. */
  @Override
  public String toString() {
    return "JsonObject" + members.keySet();
  }
}
