/**
 * A Kerberos realm for tests: {@link io.gatehouse.testkit.kerberos.Kdc} is a KDC on loopback, in
 * the test's JVM, that makes principals and writes their keytabs and a {@code krb5.conf} into a
 * folder. A JVM knows one {@code krb5.conf} at a time, so tests that use it share one KDC or run
 * one after the other.
 */
@NullMarked
package io.gatehouse.testkit.kerberos;

import org.jspecify.annotations.NullMarked;
