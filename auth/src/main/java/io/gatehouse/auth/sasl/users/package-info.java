/**
 * A file of users that serves PLAIN and SCRAM: its grammar, what a bcrypt hash costs and who waits
 * for whom to have one checked, and the file's rereading. A login with an unknown name costs what
 * one with a known name costs.
 */
@NullMarked
package io.gatehouse.auth.sasl.users;

import org.jspecify.annotations.NullMarked;
