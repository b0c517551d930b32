package io.gatehouse.gateway.settings;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Matches hosts that belong to a cluster, by name or by address. */
public sealed interface HostRule {

  /**
   * Matches names by a pattern: {@code *.kafka.example.com} is every name below that domain, any
   * other {@code *} stands for characters of one label, {@code {{nodeId}}} for a number, and {@code
   * *} alone for any host.
   */
  record Name(String pattern) implements HostRule {

    private static final Pattern VALID =
        Pattern.compile("\\*|(\\*\\.)?[a-z0-9_*-]+(\\.[a-z0-9_*-]+)*");

    public Name {
      pattern = HostPattern.normalize(pattern);
      if (!VALID
          .matcher(pattern.replace(HostPattern.NODE_ID.toLowerCase(Locale.ROOT), "0"))
          .matches()) {
        throw new IllegalArgumentException(
            "'"
                + pattern
                + "' is neither a host name such as *.kafka.example.com nor a network such as"
                + " 10.0.0.0/8");
      }
    }

    /** Whether a normalized name matches the pattern. */
    boolean matches(String name) {
      if (pattern.equals("*")) {
        return true;
      }
      boolean below = pattern.startsWith("*.");
      StringBuilder regex = new StringBuilder(below ? ".+\\." : "");
      String rest = below ? pattern.substring(2) : pattern;
      String number = HostPattern.NODE_ID.toLowerCase(Locale.ROOT);
      for (int i = 0; i < rest.length(); i++) {
        if (rest.startsWith(number, i)) {
          regex.append("[0-9]+");
          i += number.length() - 1;
        } else if (rest.charAt(i) == '*') {
          regex.append("[^.]*");
        } else {
          regex.append(Pattern.quote(rest.substring(i, i + 1)));
        }
      }
      return name.matches(regex.toString());
    }

    @Override
    public String toString() {
      return pattern;
    }
  }

  /** Matches names without a dot, which only the local network's DNS resolves. */
  record ShortName() implements HostRule {
    @Override
    public String toString() {
      return "names without a dot";
    }
  }

  /** Rules that match addresses. */
  sealed interface ByAddress extends HostRule {
    boolean contains(InetAddress address);
  }

  /** Matches addresses in a network. */
  record Address(Network network) implements ByAddress {
    @Override
    public boolean contains(InetAddress address) {
      return network.contains(address);
    }

    @Override
    public String toString() {
      return network.toString();
    }
  }

  /** Matches addresses of the machine that the gateway runs on. */
  record ThisMachine() implements ByAddress {
    @Override
    public boolean contains(InetAddress address) {
      try {
        return address.isLoopbackAddress()
            || address.isAnyLocalAddress()
            || NetworkInterface.getByInetAddress(address) != null;
      } catch (SocketException e) {
        return false;
      }
    }

    @Override
    public String toString() {
      return "this machine";
    }
  }

  /**
   * Parses a network, an IP address or a name pattern.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static HostRule parse(String text) {
    String trimmed = text.strip();
    boolean address =
        trimmed.indexOf('/') >= 0 || trimmed.indexOf(':') >= 0 || trimmed.matches("[0-9.]+");
    return address ? new Address(Network.parse(trimmed)) : new Name(trimmed);
  }
}
