/**
 * Clients that show a name and a password (SASL PLAIN), and who says whether the password is right:
 * a directory, a fixed list, or whatever else implements the one method. What checks a password
 * must not tell by its answer or its time whether the name exists.
 */
@NullMarked
package io.gatehouse.auth.sasl.password;

import org.jspecify.annotations.NullMarked;
