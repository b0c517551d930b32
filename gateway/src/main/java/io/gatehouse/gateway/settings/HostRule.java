package io.gatehouse.gateway.settings;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Hosts that belong to a cluster: by their names or by their addresses. */
public sealed interface HostRule {

  /**
   * Names of this form: {@code *.kafka.example.com} is every name below that domain, any other
   * {@code *} stands for characters of one label, {@code {{nodeId}}} for a number, and {@code *}
   * alone for any host.
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

    boolean isAny() {
      return pattern.equals("*");
    }

    /** Whether a name, in lower case and without a dot at its end, has this form. */
    boolean matches(String name) {
      if (isAny()) {
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

  /** Names without a dot: only the name service of the own network knows them. */
  record ShortName() implements HostRule {
    @Override
    public String toString() {
      return "names without a dot";
    }
  }

  /** Rules that look at addresses. */
  sealed interface ByAddress extends HostRule {
    boolean contains(InetAddress address);
  }

  /** Whatever has an address in this network. */
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

  /** Whatever is at an address of the machine that the gateway runs on. */
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
   * @throws IllegalArgumentException with a message fit for the user
   */
  static HostRule parse(String text) {
    String trimmed = text.strip();
    boolean address =
        trimmed.indexOf('/') >= 0 || trimmed.indexOf(':') >= 0 || trimmed.matches("[0-9.]+");
    return address ? new Address(Network.parse(trimmed)) : new Name(trimmed);
  }
}
