/**
 * Passwords that an LDAP directory checks. What a client calls itself becomes part of a name or a
 * filter there, so it is escaped; a password goes nowhere but to a server whose certificate was
 * verified, unless the settings say otherwise in so many words.
 */
@NullMarked
package io.gatehouse.auth.sasl.ldap;

import org.jspecify.annotations.NullMarked;
