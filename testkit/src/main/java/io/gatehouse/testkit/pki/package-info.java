/**
 * Certificates for tests, good and bad: an {@link io.gatehouse.testkit.pki.Authority} signs {@link
 * io.gatehouse.testkit.pki.Credentials} with whatever names and times a test wants, revokes them,
 * and both are written in every format that servers and clients read: PEM with keys in four forms,
 * PKCS#12 and JKS. Nothing here is kept between runs and no key is strong enough to guard anything.
 */
@NullMarked
package io.gatehouse.testkit.pki;

import org.jspecify.annotations.NullMarked;
