package io.gatehouse.tls;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTrustTest {

  @TempDir Path folder;

  private final Authority root = Authority.create("Root");
  private final Authority between = root.intermediate("Between");
  private final Credentials leaf = between.client("mallory");

  private X509Certificate[] honest() {
    return leaf.chain().subList(0, 2).toArray(X509Certificate[]::new);
  }

  /**
   * A valid chain next to an issuer with the same name and key that the authority "admin" signed.
   * Following names and signatures alone could end there.
   */
  private X509Certificate[] forged() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair evil = generator.generateKeyPair();
    X500Principal admin = new X500Principal("CN=admin");
    X509Certificate issuer = leaf.chain().get(1);
    X509Certificate false1 =
        signed(issuer.getSubjectX500Principal(), issuer.getPublicKey(), admin, evil.getPrivate());
    X509Certificate false2 = signed(admin, evil.getPublic(), admin, evil.getPrivate());
    return new X509Certificate[] {leaf.certificate(), false1, false2, issuer};
  }

  private static X509Certificate signed(
      X500Principal subject, PublicKey key, X500Principal issuer, PrivateKey by) throws Exception {
    Instant now = Instant.now();
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    issuer,
                    BigInteger.TWO,
                    Date.from(now.minusSeconds(60)),
                    Date.from(now.plusSeconds(3600)),
                    subject,
                    key)
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(by)));
  }

  private ClientTrust check(RevocationLists revoked, SubjectRules rules) throws Exception {
    Path trusted = Files.writeString(folder.resolve("root.pem"), root.pem());
    return new ClientTrust(
        TrustManagers.load(new TrustSource.Pem(trusted, false)), revoked, rules, null);
  }

  @Test
  void subjectsAreThoseOfTheVerifiedPath() throws Exception {
    ClientTrust admins =
        check(RevocationLists.none(), SubjectRules.parse(List.of("s:/CN=[admin]")));
    assertThatThrownBy(() -> admins.checkClientTrusted(honest(), "EC"))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("no subject rule admits");
    X509Certificate[] forged = forged();
    assertThatThrownBy(() -> admins.checkClientTrusted(forged, "EC"))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("no subject rule admits");

    ClientTrust anybodyOfBetween =
        check(RevocationLists.none(), SubjectRules.parse(List.of("r:/CN=[^Between$]")));
    assertThatCode(() -> anybodyOfBetween.checkClientTrusted(honest(), "EC"))
        .doesNotThrowAnyException();
    assertThatCode(() -> anybodyOfBetween.checkClientTrusted(forged, "EC"))
        .doesNotThrowAnyException();
  }
}
