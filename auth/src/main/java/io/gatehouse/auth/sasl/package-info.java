/**
 * How clients authenticate: one class per SASL mechanism, and the verifiers of passwords and
 * tokens. All connections of a listener share a mechanism; each connection has its own exchange. A
 * failure has one text for the client, who may be an attacker, and another for the operator.
 */
@NullMarked
package io.gatehouse.auth.sasl;

import org.jspecify.annotations.NullMarked;
