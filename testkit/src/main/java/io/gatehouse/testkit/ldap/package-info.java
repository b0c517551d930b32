/**
 * An LDAP server for tests: {@link io.gatehouse.testkit.ldap.LdapServer} has users and groups in
 * memory, supports LDAP, StartTLS and LDAPS on loopback, and records names and filters of requests,
 * so that tests can check their escaping.
 */
@NullMarked
package io.gatehouse.testkit.ldap;

import org.jspecify.annotations.NullMarked;
