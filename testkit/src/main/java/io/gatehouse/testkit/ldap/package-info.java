/**
 * A directory for tests: {@link io.gatehouse.testkit.ldap.LdapServer} holds users and groups in
 * memory, answers on loopback over plain LDAP, StartTLS and LDAPS, and remembers the names and
 * filters it was asked with, so that a test sees whether they were escaped.
 */
@NullMarked
package io.gatehouse.testkit.ldap;

import org.jspecify.annotations.NullMarked;
