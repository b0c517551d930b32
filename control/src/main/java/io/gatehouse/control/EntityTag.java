package io.gatehouse.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.doc.JsonText;
import io.gatehouse.control.kind.Resource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The version of a resource as clients see it (RFC 9110 # 8.8.3): a digest of what it says, so it
 * is the same on all nodes, after a restart and after a restore. A revision would not be, because
 * some stores count from the start of the process.
 */
public final class EntityTag {

  private static final int BYTES = 16;

  private EntityTag() {}

  /** Without quotes. */
  public static String of(Resource resource) {
    // Without defaults, so that a later version of the gateway with more fields has the same tags.
    String text = JsonText.of(sorted(resource.document(false)));
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Equal resources may have the fields of their maps in another order. */
  private static Object sorted(Map<?, ?> map) {
    Map<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((name, value) -> sorted.put(String.valueOf(name), sortedValue(value)));
    return sorted;
  }

  private static @Nullable Object sortedValue(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> sorted(map);
      case List<?> list -> {
        List<@Nullable Object> all = new ArrayList<>();
        list.forEach(one -> all.add(sortedValue(one)));
        yield all;
      }
      case null, default -> value;
    };
  }
}
