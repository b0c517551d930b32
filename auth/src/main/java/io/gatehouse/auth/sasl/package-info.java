/**
 * How clients prove who they are: one class per SASL mechanism, and what checks a password or a
 * token behind it. A mechanism is shared by all connections of a listener; an exchange belongs to
 * one connection. A failure says one thing to the client, who may be an attacker, and another to
 * the operator.
 */
@NullMarked
package io.gatehouse.auth.sasl;

import org.jspecify.annotations.NullMarked;
