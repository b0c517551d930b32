package io.gatehouse.auth.sasl.users;

import io.gatehouse.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers verified passwords, so that many clients that reconnect at the same time do not cost a
 * bcrypt each. It holds HMACs under a random key of this process, of the most recently used
 * passwords only.
 */
final class PasswordCache {

  private static final String MAC = "HmacSHA256";

  private final SecretKeySpec key;
  private final Map<String, Boolean> codes;

  PasswordCache(int limit) {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, MAC);
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
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      mac.update(user.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return HexFormat.of()
          .formatHex(mac.doFinal(password.reveal().getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + MAC, e);
    }
  }
}
