/**
 * Passwords checked by an LDAP directory. The name that a client sends becomes part of a DN or a
 * filter, so it is escaped. Passwords are sent only to servers with a verified certificate, unless
 * the settings switch that off.
 */
@NullMarked
package io.gatehouse.auth.sasl.ldap;

import org.jspecify.annotations.NullMarked;
