/**
 * SASL GSSAPI (RFC 4752): clients authenticate with a Kerberos ticket for the gateway's service.
 * The gateway's key comes from a keytab, the JDK implements the mechanism, and Kafka's rules map
 * principals to short names.
 */
@NullMarked
package io.gatehouse.auth.sasl.kerberos;

import org.jspecify.annotations.NullMarked;
