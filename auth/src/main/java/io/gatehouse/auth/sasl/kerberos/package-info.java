/**
 * Clients that prove themselves with a Kerberos ticket for the gateway's service (SASL GSSAPI, RFC
 * 4752). The gateway's key comes from a keytab; the JDK does the talking; names become short by
 * Kafka's own rules.
 */
@NullMarked
package io.gatehouse.auth.sasl.kerberos;

import org.jspecify.annotations.NullMarked;
