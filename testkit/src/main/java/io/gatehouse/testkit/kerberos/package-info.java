/**
 * A Kerberos realm for tests: {@link io.gatehouse.testkit.kerberos.Kdc} is a KDC on loopback in the
 * test JVM. It creates principals and writes their keytabs and a {@code krb5.conf} to a folder. A
 * JVM uses one {@code krb5.conf} at a time, so tests share a KDC or run sequentially.
 */
@NullMarked
package io.gatehouse.testkit.kerberos;

import org.jspecify.annotations.NullMarked;
