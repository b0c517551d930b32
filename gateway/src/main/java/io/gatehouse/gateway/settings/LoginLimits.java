package io.gatehouse.gateway.settings;

import java.time.Duration;
import java.util.List;

/**
 * How many logins may fail before further ones are refused without checking their credentials, and
 * how many are checked at once. IPv6 addresses count by their /64.
 *
 * @param failuresPerName failed logins of one name from one address; zero for no limit
 * @param failuresPerAddress failed logins from one address, of all names; zero for no limit
 * @param forgiveAfter time after which all failures are forgiven. They are forgiven one by one:
 *     with 20 failures in 20 s, one per second
 * @param atOnce logins of unknown clients that are checked at once; as many again of known clients
 * @param atOncePerAddress the same for one address
 * @param exempt networks whose addresses stand for many clients, such as load balancers: their
 *     failures are not counted, and each may use three quarters of {@code atOnce}
 */
public record LoginLimits(
    int failuresPerName,
    int failuresPerAddress,
    Duration forgiveAfter,
    int atOnce,
    int atOncePerAddress,
    List<Network> exempt) {

  private static final Duration MAX_FORGIVE_AFTER = Duration.ofDays(1);

  public static final LoginLimits DEFAULT =
      new LoginLimits(20, 200, Duration.ofSeconds(20), 128, 16, List.of());

  public LoginLimits {
    exempt = List.copyOf(exempt);
    if (failuresPerName < 0 || failuresPerAddress < 0) {
      throw new IllegalArgumentException("a number of failed logins is negative");
    }
    if (failuresPerAddress > 0 && failuresPerName > failuresPerAddress) {
      throw new IllegalArgumentException(
          "a name may fail "
              + failuresPerName
              + " times, but all names of an address together only "
              + failuresPerAddress);
    }
    if (forgiveAfter.isNegative()
        || forgiveAfter.isZero()
        || forgiveAfter.compareTo(MAX_FORGIVE_AFTER) > 0) {
      throw new IllegalArgumentException(
          "the time after which failed logins are forgiven is "
              + forgiveAfter
              + ", and must be positive and up to 24h");
    }
    if (atOncePerAddress < 1 || atOnce < atOncePerAddress) {
      throw new IllegalArgumentException(
          atOncePerAddress
              + " logins of an address are checked at once, of "
              + atOnce
              + " in total: the former must be 1 or more and must not exceed the latter");
    }
  }
}
