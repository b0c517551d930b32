package io.gatehouse.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.math.BigInteger;
import java.security.InvalidKeyException;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Principal;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.cert.CRLException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RevocationListsTest {

  private final Authority root = Authority.create("Root");
  private final Authority between = root.intermediate("Between");
  private final Credentials leaf = between.client("mallory");
  private final Credentials other = between.client("alice");

  private static List<X509Certificate> path(Credentials of) {
    List<X509Certificate> path = new ArrayList<>(of.chain().subList(0, 2));
    path.add(of.root());
    return path;
  }

  private static void assertRevoked(RevocationLists lists, Credentials credentials) {
    assertThatThrownBy(() -> lists.check(path(credentials)))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("was revoked on");
  }

  private static void assertGood(RevocationLists lists, Credentials credentials) {
    assertThatCode(() -> lists.check(path(credentials))).doesNotThrowAnyException();
  }

  @Test
  void aListIsVerifiedWhenItIsLoadedAndNotAtHandshakes() {
    between.revoke(leaf);
    Counting list = new Counting(between.crl());
    RevocationLists lists =
        new RevocationLists(List.of(list), List.of(root.certificate(), between.certificate()));
    assertThat(list.verifications).isEqualTo(1);
    for (int i = 0; i < 10; i++) {
      assertRevoked(lists, leaf);
      assertGood(lists, other);
    }
    assertThat(list.verifications).isEqualTo(1);
  }

  @Test
  void aListOfAnIntermediateIssuerIsVerifiedOnce() {
    between.revoke(leaf);
    Counting list = new Counting(between.crl());
    RevocationLists lists = new RevocationLists(List.of(list), List.of(root.certificate()));
    for (int i = 0; i < 10; i++) {
      assertRevoked(lists, leaf);
    }
    assertThat(list.verifications).isEqualTo(1);
  }

  @Test
  void aListWithAnotherSignatureIsIgnoredAndVerifiedOnce() throws Exception {
    X500Principal name = between.certificate().getSubjectX500Principal();
    Counting list = new Counting(forged(name, leaf.certificate().getSerialNumber()));
    RevocationLists lists =
        new RevocationLists(List.of(list), List.of(root.certificate(), between.certificate()));
    for (int i = 0; i < 10; i++) {
      assertGood(lists, leaf);
    }
    assertThat(list.verifications).isEqualTo(1);
  }

  private static X509CRL forged(X500Principal issuer, BigInteger serial) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(issuer, Date.from(Instant.now()));
    builder.addCRLEntry(serial, Date.from(Instant.now()), 0);
    return new JcaX509CRLConverter()
        .getCRL(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .build(generator.generateKeyPair().getPrivate())));
  }

  @Test
  void everyCertificateOfThePathIsLookedAtInItsOwnIssuersList() {
    root.revoke(between);
    X509CRL ofRoot = root.crl();
    assertRevoked(new RevocationLists(List.of(ofRoot), List.of(root.certificate())), leaf);
    X509CRL ofBetween = between.crl();
    assertGood(new RevocationLists(List.of(ofBetween), List.of(root.certificate())), leaf);
  }

  @Test
  void listsOutOfDateCountAndAreJoined() {
    between.revoke(leaf);
    Instant past = Instant.now().minus(Duration.ofDays(3));
    X509CRL old = between.crl(past, past.plus(Duration.ofDays(1)));
    between.revoke(other);
    X509CRL now = between.crl();
    RevocationLists lists = new RevocationLists(List.of(old, now), List.of(root.certificate()));
    assertRevoked(lists, leaf);
    assertRevoked(lists, other);
    RevocationLists onlyOld = new RevocationLists(List.of(old), List.of(root.certificate()));
    assertRevoked(onlyOld, leaf);
    assertGood(onlyOld, other);
  }

  @Test
  void withoutListsNothingIsRevoked() {
    assertThat(RevocationLists.none().isEmpty()).isTrue();
    assertGood(RevocationLists.none(), leaf);
  }

  /** Counts how often the signature is verified. */
  private static final class Counting extends X509CRL {
    private final X509CRL list;
    private int verifications;

    Counting(X509CRL list) {
      this.list = list;
    }

    @Override
    public void verify(PublicKey key)
        throws CRLException,
            NoSuchAlgorithmException,
            InvalidKeyException,
            NoSuchProviderException,
            SignatureException {
      verifications++;
      list.verify(key);
    }

    @Override
    public void verify(PublicKey key, String provider) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] getEncoded() throws CRLException {
      return list.getEncoded();
    }

    @Override
    public int getVersion() {
      return list.getVersion();
    }

    @Override
    @SuppressWarnings("deprecation") // X509CRL demands it.
    public Principal getIssuerDN() {
      return list.getIssuerX500Principal();
    }

    @Override
    public Date getThisUpdate() {
      return list.getThisUpdate();
    }

    @Override
    public @Nullable Date getNextUpdate() {
      return list.getNextUpdate();
    }

    @Override
    public @Nullable X509CRLEntry getRevokedCertificate(BigInteger serial) {
      return list.getRevokedCertificate(serial);
    }

    @Override
    public @Nullable Set<? extends X509CRLEntry> getRevokedCertificates() {
      return list.getRevokedCertificates();
    }

    @Override
    public byte[] getTBSCertList() throws CRLException {
      return list.getTBSCertList();
    }

    @Override
    public byte[] getSignature() {
      return list.getSignature();
    }

    @Override
    public String getSigAlgName() {
      return list.getSigAlgName();
    }

    @Override
    public String getSigAlgOID() {
      return list.getSigAlgOID();
    }

    @Override
    public byte @Nullable [] getSigAlgParams() {
      return list.getSigAlgParams();
    }

    @Override
    public String toString() {
      return list.toString();
    }

    @Override
    public boolean isRevoked(Certificate certificate) {
      return list.isRevoked(certificate);
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
      return list.hasUnsupportedCriticalExtension();
    }

    @Override
    public @Nullable Set<String> getCriticalExtensionOIDs() {
      return list.getCriticalExtensionOIDs();
    }

    @Override
    public @Nullable Set<String> getNonCriticalExtensionOIDs() {
      return list.getNonCriticalExtensionOIDs();
    }

    @Override
    public byte @Nullable [] getExtensionValue(String oid) {
      return list.getExtensionValue(oid);
    }
  }
}
