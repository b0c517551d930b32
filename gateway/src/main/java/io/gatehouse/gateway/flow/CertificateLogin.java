package io.gatehouse.gateway.flow;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.tenant.Tenants;
import io.gatehouse.gateway.tenant.Tenants.Place;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * The user of a client's certificate.
 *
 * @param check whether it is still that user; null if it always is
 */
record CertificateLogin(Principal principal, @Nullable CredentialCheck check) {

  /**
   * Finds the user by the subject of a verified certificate.
   *
   * @throws IllegalArgumentException if it must not use the listener
   */
  static CertificateLogin of(
      X509Certificate certificate, Authentication.Open by, Tenants tenants, String listener) {
    Principal shown = by.rules().principal(certificate);
    Tenants.Known known = tenants.known(shown.user());
    if (tenants.of(known.user(), listener) instanceof Place.Nowhere(String reason)) {
      throw new IllegalArgumentException(reason);
    }
    return new CertificateLogin(shown.as(known.user()), known.check());
  }
}
