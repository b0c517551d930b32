package io.gatehouse.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * The host names that a certificate is for (RFC 6125): its subject alternative names, with
 * wildcards.
 */
public final class CertificateNames {

  private static final int DNS = 2;
  private static final int IP = 7;

  private final List<String> dns = new ArrayList<>();
  private final List<String> addresses = new ArrayList<>();

  public CertificateNames(X509Certificate certificate) {
    Collection<List<?>> names;
    try {
      names = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException e) {
      throw new IllegalArgumentException("a certificate with unreadable alternative names", e);
    }
    for (List<?> name : names == null ? List.<List<?>>of() : names) {
      int type = (Integer) name.getFirst();
      if (type == DNS) {
        dns.add(((String) name.get(1)).toLowerCase(Locale.ROOT));
      } else if (type == IP) {
        addresses.add((String) name.get(1));
      }
    }
  }

  /** The hosts that the certificate does not cover. */
  public List<String> lacking(Collection<String> hosts) {
    return hosts.stream().filter(host -> !covers(host)).distinct().toList();
  }

  private boolean covers(String host) {
    if (isAddress(host)) {
      return addresses.stream().anyMatch(address -> isSame(address, host));
    }
    String name = host.toLowerCase(Locale.ROOT);
    int dot = name.indexOf('.');
    return dns.contains(name) || (dot > 0 && dns.contains("*" + name.substring(dot)));
  }

  private static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || Character.isDigit(c));
  }

  private static boolean isSame(String one, String other) {
    try {
      return InetAddress.getByName(one).equals(InetAddress.getByName(other));
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
