package io.gatehouse.tls;

import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * Reads the fields of a subject with Bouncy Castle. This is a separate class so that only gateways
 * with subject rules load that library (see {@link BouncyCastleKeys}).
 */
final class SubjectFields {

  private SubjectFields() {}

  /** All values of a field, unescaped and in the certificate's order. */
  static List<String> values(X500Principal subject, SubjectRules.Field field) {
    ASN1ObjectIdentifier id = id(field);
    List<String> values = new ArrayList<>();
    for (RDN rdn : X500Name.getInstance(subject.getEncoded()).getRDNs()) {
      for (AttributeTypeAndValue one : rdn.getTypesAndValues()) {
        if (one.getType().equals(id)) {
          values.add(
              one.getValue() instanceof ASN1String text
                  ? text.getString()
                  : IETFUtils.valueToString(one.getValue()));
        }
      }
    }
    return values;
  }

  private static ASN1ObjectIdentifier id(SubjectRules.Field field) {
    return switch (field) {
      case CN -> BCStyle.CN;
      case C -> BCStyle.C;
      case S -> BCStyle.ST;
      case L -> BCStyle.L;
      case O -> BCStyle.O;
      case OU -> BCStyle.OU;
    };
  }
}
