package io.gatehouse.auth.sasl.ldap;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Cuts a socket when all that is done over it takes too long. */
final class Deadline implements AutoCloseable {

  private final CountDownLatch done = new CountDownLatch(1);

  Deadline(LdapSocket socket, Duration limit) {
    Thread.ofVirtual()
        .name("ldap-deadline")
        .start(() -> {
          try {
            if (!done.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
              socket.cut();
            }
          } catch (InterruptedException e) {
            socket.cut();
          }
        });
  }

  @Override
  public void close() {
    done.countDown();
  }
}
