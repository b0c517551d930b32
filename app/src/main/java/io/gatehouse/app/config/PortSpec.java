package io.gatehouse.app.config;

import io.gatehouse.gateway.settings.PortPlan.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Ports as {@code 9092}, {@code 9092-9095}, {@code 443:9092} (advertised:local) and {@code
 * 29092-29093:9092-9093}, separated by commas (docs/conduktor.md).
 */
public final class PortSpec {

  private static final Pattern PART =
      Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?::(\\d{1,5})(?:-(\\d{1,5}))?)?");

  private PortSpec() {}

  /**
   * @return the pairs in the order they are written
   * @throws IllegalArgumentException with a message for the user
   */
  public static List<Pair> parse(String text) {
    List<Pair> pairs = new ArrayList<>();
    for (String part : Parse.commas(text)) {
      Matcher spec = PART.matcher(part);
      if (!spec.matches()) {
        throw new IllegalArgumentException(
            "'"
                + part
                + "' is not a port (9092), a range (9092-9095) or advertised:local (443:9092)");
      }
      Range advertised = Range.of(spec.group(1), spec.group(2), part);
      Range local =
          spec.group(3) == null ? advertised : Range.of(spec.group(3), spec.group(4), part);
      if (advertised.count() != local.count()) {
        throw new IllegalArgumentException(
            "'"
                + part
                + "' has "
                + advertised.count()
                + " advertised and "
                + local.count()
                + " local ports");
      }
      for (int i = 0; i < local.count(); i++) {
        pairs.add(new Pair(advertised.first + i, local.first + i));
      }
    }
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("'" + text + "' contains no port");
    }
    return pairs;
  }

  /** One port, {@code 9092} or {@code advertised:local}. */
  public static Pair single(String text) {
    List<Pair> pairs = parse(text);
    if (pairs.size() > 1) {
      throw new IllegalArgumentException("'" + text + "' is more than one port");
    }
    return pairs.getFirst();
  }

  private record Range(int first, int last) {
    static Range of(String first, @Nullable String last, String part) {
      int from = Parse.port(first);
      int to = last == null ? from : Parse.port(last);
      if (to < from) {
        throw new IllegalArgumentException("'" + part + "' is a descending range");
      }
      return new Range(from, to);
    }

    int count() {
      return last - first + 1;
    }
  }
}
