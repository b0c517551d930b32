/**
 * Certificates, keys and trust from files, and the TLS contexts made of them. Files are polled: new
 * handshakes use their new content, and unusable content leaves the previous state in force.
 * BoringSSL does the encryption where its native library loads, otherwise the JDK.
 */
@NullMarked
package io.gatehouse.tls;

import org.jspecify.annotations.NullMarked;
