package io.gatehouse.auth.login.kafka;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.SaslConfigs;

/**
 * Extends Kafka's allowlist of token URLs and files. Kafka reads only those that system properties
 * list (CVE-2025-27817), because client properties may be untrusted input. Here they come from the
 * operator, so what they name is allowed.
 */
final class OauthAllowlist {

  private static final String URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls";
  private static final String FILES = "org.apache.kafka.sasl.oauthbearer.allowed.files";

  private OauthAllowlist() {}

  static synchronized void add(Map<String, String> properties) {
    for (String property :
        List.of(
            SaslConfigs.SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL,
            SaslConfigs.SASL_OAUTHBEARER_JWKS_ENDPOINT_URL)) {
      String url = properties.get(property);
      if (url != null) {
        extend(URLS, url.trim());
        allowFile(property, url.trim());
      }
    }
    for (String property :
        List.of(
            SaslConfigs.SASL_OAUTHBEARER_ASSERTION_FILE,
            SaslConfigs.SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE,
            SaslConfigs.SASL_OAUTHBEARER_ASSERTION_TEMPLATE_FILE)) {
      String file = properties.get(property);
      if (file != null) {
        extend(FILES, file.trim());
      }
    }
  }

  private static void allowFile(String property, String url) {
    try {
      URI uri = URI.create(url);
      if ("file".equalsIgnoreCase(uri.getScheme()) && uri.getPath() != null) {
        extend(FILES, uri.getPath());
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(property + " is no URL: " + e.getMessage(), e);
    }
  }

  private static void extend(String systemProperty, String value) {
    Set<String> allowed =
        new LinkedHashSet<>(List.of(System.getProperty(systemProperty, "").split(",")));
    allowed.remove("");
    if (allowed.add(value)) {
      System.setProperty(systemProperty, String.join(",", allowed));
    }
  }
}
