/**
 * Certificates, keys and trust from files, and the TLS contexts made of them. Files are watched:
 * handshakes to come use what is new, and a file that cannot be read leaves the old in force.
 * BoringSSL does the work where its library loads, the JDK elsewhere.
 */
@NullMarked
package io.gatehouse.tls;

import org.jspecify.annotations.NullMarked;
