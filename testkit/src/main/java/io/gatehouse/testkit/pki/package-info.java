/**
 * Valid and invalid certificates for tests: an {@link io.gatehouse.testkit.pki.Authority} issues
 * {@link io.gatehouse.testkit.pki.Credentials} with arbitrary names and validity periods and
 * revokes them. Both can be written in all formats that servers and clients read: PEM with keys in
 * four formats, PKCS#12 and JKS. The keys must not be used outside of tests.
 */
@NullMarked
package io.gatehouse.testkit.pki;

import org.jspecify.annotations.NullMarked;
