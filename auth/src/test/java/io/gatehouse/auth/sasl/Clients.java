package io.gatehouse.auth.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Clients for tests. */
public final class Clients {

  private Clients() {}

  /** A local client. */
  public static Peer local() {
    return from("127.0.0.1");
  }

  /** A client with this address. */
  public static Peer from(String address) {
    try {
      return new Peer(InetAddress.getByName(address), "test", "localhost", true);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(address, e);
    }
  }

  /** The failure of the call, which must have this reason. */
  public static SaslFailure refused(SaslFailure.Reason reason, ThrowingCallable call) {
    SaslFailure[] caught = new SaslFailure[1];
    assertThatExceptionOfType(SaslFailure.class)
        .isThrownBy(call)
        .satisfies(failure -> {
          assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
          caught[0] = failure;
        });
    return caught[0];
  }
}
