package io.gatehouse.auth.sasl.users;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The content of a user file. */
record Users(
    Map<String, PasswordHash> passwords,
    Map<ScramHash, Map<String, ScramCredential>> scram,
    Map<ScramHash, List<ScramCredential>> models) {

  private static final String PLAIN = "{plain}";
  private static final int SHOWN_PROBLEMS = 20;
  private static final Pattern SCRAM =
      Pattern.compile("(SCRAM-SHA-(?:256|512))=\\[([^\\[\\]]*)](,|$)");

  /**
   * @throws IllegalArgumentException with the numbers of invalid lines and what is wrong with them,
   *     without their content
   */
  static Users parse(String text) {
    Map<String, PasswordHash> passwords = new HashMap<>();
    Map<ScramHash, Map<String, ScramCredential>> scram = new EnumMap<>(ScramHash.class);
    for (ScramHash hash : ScramHash.values()) {
      scram.put(hash, new LinkedHashMap<>());
    }
    List<String> problems = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.stripLeading().startsWith("#")) {
        continue;
      }
      try {
        parseLine(line.strip(), passwords, scram);
      } catch (IllegalArgumentException e) {
        problems.add("line " + number + ": " + e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          String.join("; ", problems.subList(0, Math.min(SHOWN_PROBLEMS, problems.size()))));
    }
    Map<ScramHash, List<ScramCredential>> models = new EnumMap<>(ScramHash.class);
    scram.forEach((hash, users) -> models.put(hash, List.copyOf(users.values())));
    return new Users(passwords, scram, models);
  }

  private static void parseLine(
      String line,
      Map<String, PasswordHash> passwords,
      Map<ScramHash, Map<String, ScramCredential>> scram) {
    int colon = line.indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("no 'name:' at its beginning");
    }
    String name = line.substring(0, colon);
    if (ControlCharacters.in(name)) {
      throw new IllegalArgumentException("control characters in the name");
    }
    String value = line.substring(colon + 1).strip();
    if (value.startsWith("SCRAM-")) {
      parseScram(name, value, scram);
      return;
    }
    if (passwords.putIfAbsent(name, password(value)) != null) {
      throw new IllegalArgumentException("a second password of user " + name);
    }
  }

  private static PasswordHash password(String value) {
    if (value.startsWith(PLAIN)) {
      if (value.length() == PLAIN.length()) {
        throw new IllegalArgumentException("an empty password");
      }
      return PasswordHash.ofPlain(new Secret(value.substring(PLAIN.length())));
    }
    if (value.startsWith("$2a$") || value.startsWith("$2b$") || value.startsWith("$2y$")) {
      return PasswordHash.ofBcrypt(value);
    }
    throw new IllegalArgumentException(
        "neither a bcrypt hash ($2a$, $2b$, $2y$; htpasswd -B writes them), nor {plain}password,"
            + " nor SCRAM-SHA-256=[...] or SCRAM-SHA-512=[...]");
  }

  private static void parseScram(
      String name, String value, Map<ScramHash, Map<String, ScramCredential>> scram) {
    Matcher part = SCRAM.matcher(value);
    int end = 0;
    while (end < value.length() && part.find(end) && part.start() == end) {
      ScramHash hash =
          part.group(1).equals(ScramHash.SHA_256.mechanism())
              ? ScramHash.SHA_256
              : ScramHash.SHA_512;
      Map<String, ScramCredential> users = scram.computeIfAbsent(hash, h -> new LinkedHashMap<>());
      if (users.putIfAbsent(name, ScramCredential.parse(hash, part.group(2))) != null) {
        throw new IllegalArgumentException(
            "a second " + hash.mechanism() + " credential of user " + name);
      }
      end = part.end();
    }
    if (end < value.length() || value.endsWith(",")) {
      throw new IllegalArgumentException(
          "SCRAM credentials are written"
              + " SCRAM-SHA-256=[iterations=8192,salt=...,stored_key=...,server_key=...]");
    }
  }
}
