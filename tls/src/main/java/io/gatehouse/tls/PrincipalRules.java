package io.gatehouse.tls;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;

/**
 * Maps a certificate's subject to a principal's name by Kafka's {@code ssl.principal.mapping.rules}
 * (KIP-371). Without rules the name is the whole subject.
 */
public final class PrincipalRules {

  private static final String MECHANISM = "SSL";

  public static final PrincipalRules DEFAULT = new PrincipalRules("DEFAULT");

  private final String rules;
  private final SslPrincipalMapper mapper;

  /**
   * @throws IllegalArgumentException when the rules cannot be parsed
   */
  public PrincipalRules(String rules) {
    this.rules = rules;
    try {
      mapper = SslPrincipalMapper.fromRules(rules);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the principal mapping rules '" + rules + "' cannot be understood: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PrincipalRules that && rules.equals(that.rules);
  }

  @Override
  public int hashCode() {
    return rules.hashCode();
  }

  @Override
  public String toString() {
    return rules;
  }

  /**
   * The principal of a client certificate.
   *
   * @throws IllegalArgumentException when no rule matches the subject, or the resulting name holds
   *     control characters
   */
  public Principal principal(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName();
    try {
      return new Principal(mapper.getName(subject), MECHANISM, Map.of("subject", subject));
    } catch (User.InvalidName e) {
      throw new IllegalArgumentException(
          "the certificate of " + subject + " gives " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "no principal mapping rule fits the certificate of " + subject, e);
    }
  }
}
