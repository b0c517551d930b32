package io.gatehouse.auth.sasl.users;

import io.gatehouse.auth.Hashes;
import io.gatehouse.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers verified passwords, so that many clients that reconnect at the same time do not cost a
 * bcrypt each. It holds HMACs under a random key of this process, of the most recently used
 * passwords only.
 */
final class PasswordCache {

  private final byte[] key = new byte[32];
  private final Map<String, Boolean> codes;

  PasswordCache(int limit) {
    new SecureRandom().nextBytes(key);
    this.codes =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > limit;
          }
        };
  }

  boolean contains(String user, Secret password) {
    String code = code(user, password);
    synchronized (codes) {
      return codes.get(code) != null;
    }
  }

  void add(String user, Secret password) {
    String code = code(user, password);
    synchronized (codes) {
      codes.put(code, true);
    }
  }

  int size() {
    synchronized (codes) {
      return codes.size();
    }
  }

  private String code(String user, Secret password) {
    byte[] text = (user + '\0' + password.reveal()).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(Hashes.hmac("HmacSHA256", key, text));
  }
}
