package io.gatehouse.app.config;

import io.gatehouse.gateway.settings.HostPort;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Converts texts to values. Each method throws {@link IllegalArgumentException} with the text and a
 * description of valid values.
 */
public final class Parse {

  private static final Pattern BREAKS = Pattern.compile("[\\s,]");

  private Parse() {}

  public static int number(String text, int least, int most) {
    int number;
    try {
      number = Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a whole number " + range(least, most), e);
    }
    if (number < least || number > most) {
      throw new IllegalArgumentException(text + " is not " + range(least, most));
    }
    return number;
  }

  public static int port(String text) {
    return number(text, 1, 65535);
  }

  public static long bytes(String text, long least, long most) {
    long bytes = ByteSizes.parse(text.strip());
    if (bytes < least || bytes > most) {
      throw new IllegalArgumentException(
          text + " is not between " + ByteSizes.format(least) + " and " + ByteSizes.format(most));
    }
    return bytes;
  }

  public static Duration duration(String text, boolean zeroAllowed) {
    Duration duration = Durations.parse(text.strip());
    if (duration.isNegative() || (duration.isZero() && !zeroAllowed)) {
      throw new IllegalArgumentException(
          "'" + text + "' must be " + (zeroAllowed ? "zero or more" : "longer than zero"));
    }
    return duration;
  }

  public static boolean flag(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is not true or false");
    };
  }

  public static <E extends Enum<E>> E choice(String text, Class<E> type) {
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Parse::nameOf).toList();
    int index = names.indexOf(text.strip().toLowerCase(Locale.ROOT));
    if (index < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not one of " + String.join(", ", names));
    }
    return type.getEnumConstants()[index];
  }

  public static String nameOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Path path(String text) {
    try {
      if (text.isBlank()) {
        throw new IllegalArgumentException("the file name is empty");
      }
      return Path.of(text.strip());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + text + "' is not a path", e);
    }
  }

  /** A host without a port. */
  public static String host(String text) {
    String host = text.strip();
    if (host.isEmpty() || BREAKS.matcher(host).find()) {
      throw new IllegalArgumentException("'" + text + "' is not a host name or address");
    }
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    if (bare.indexOf(':') < 0 || isIpv6(bare)) {
      return bare;
    }
    throw new IllegalArgumentException(
        bare.indexOf(':') == bare.lastIndexOf(':')
            ? "'" + text + "' must be a host without a port"
            : "'" + text + "' is not a host name or address");
  }

  /** A host that can be advertised to clients. */
  public static String advertisedHost(String text) {
    String host = host(text);
    if (HostPort.isWildcard(host)) {
      throw new IllegalArgumentException(wildcard("host", host));
    }
    return host;
  }

  /** An address to connect to. */
  public static HostPort address(String text) {
    HostPort address = listenAddress(text);
    if (address.port() == 0) {
      throw new IllegalArgumentException("'" + text + "': port 0 cannot be connected to");
    }
    return address;
  }

  /** An address that can be advertised to clients. */
  public static HostPort advertisedAddress(String text) {
    HostPort address = address(text);
    if (address.isWildcard()) {
      throw new IllegalArgumentException(wildcard("address", address.toString()));
    }
    return address;
  }

  /** An address to listen on. Port 0 selects a free port. */
  public static HostPort listenAddress(String text) {
    HostPort address = HostPort.parse(text);
    if (BREAKS.matcher(address.host()).find()) {
      throw new IllegalArgumentException("'" + text + "' is not host:port");
    }
    return address;
  }

  /** Splits a text at its commas and drops empty parts. */
  public static List<String> commas(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  private static boolean isIpv6(String host) {
    int zone = host.indexOf('%');
    try {
      return InetAddress.ofLiteral(zone < 0 ? host : host.substring(0, zone))
          instanceof Inet6Address;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String wildcard(String what, String seen) {
    return "clients cannot connect to the advertised "
        + what
        + " "
        + seen
        + ": set a host that reaches this machine, or omit it to advertise the address each client"
        + " connected to";
  }

  private static String range(int least, int most) {
    return most == Integer.MAX_VALUE ? "of " + least + " or more" : "from " + least + " to " + most;
  }
}
