/**
 * A file of users for PLAIN and SCRAM: its grammar, its password hashes, the limit on concurrent
 * hashing, and its reloading. A login with an unknown name costs as much as one with a known name.
 */
@NullMarked
package io.gatehouse.auth.sasl.users;

import org.jspecify.annotations.NullMarked;
