package io.gatehouse.auth.sasl.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.time.InstantSource;
import java.util.Date;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnsecuredJwtVerifierTest {

  private static UnsecuredJwtVerifier verifier(Set<String> subjects, Set<String> algorithms) {
    return new UnsecuredJwtVerifier(subjects, algorithms, InstantSource.fixed(Issuer.NOW));
  }

  private final UnsecuredJwtVerifier verifier = verifier(Set.of("alice"), Set.of("none"));

  @Test
  void listedSubjectsAreAccepted() throws Exception {
    VerifiedToken token = verifier.verify(plain(Issuer.claims()));
    assertThat(token.user().name()).isEqualTo("alice");
    assertThat(token.expires()).isEqualTo(Issuer.NOW.plusSeconds(360));
  }

  @Test
  void timesMayBeFractionsAsKafkasClientWritesThem() throws Exception {
    long now = Issuer.NOW.getEpochSecond();
    String body = "{\"sub\":\"alice\",\"iat\":" + now + ".123,\"exp\":" + (now + 3600) + ".123}";
    verifier.verify(Base64URL.encode("{\"alg\":\"none\"}") + "." + Base64URL.encode(body) + ".");
  }

  @Test
  void signaturesAreIgnored() throws Exception {
    String signed = Issuer.token(Issuer.RSA, Issuer.claims().build());
    verifier(Set.of("alice"), Set.of()).verify(signed);
    verifier(Set.of(), Set.of("RS256", "none")).verify(signed);
    refused(Reason.NOT_FOR_US, signed);
  }

  @Test
  void othersAreRefused() {
    refused(Reason.NOT_FOR_US, plain(Issuer.claims().subject("bob")));
    refused(Reason.NOT_FOR_US, plain(Issuer.claims().subject(null)));
    refused(Reason.NOT_FOR_US, plain(Issuer.claims().issueTime(null)));
    refused(Reason.NOT_FOR_US, plain(Issuer.claims().expirationTime(null)));
    refused(Reason.EXPIRED, plain(Issuer.claims().expirationTime(at(-60))));
    refused(Reason.EXPIRED, plain(Issuer.claims().issueTime(at(61))));
    for (String token : new String[] {"", "x", ".", "a.b.c", "e30.x", "x".repeat(20_000)}) {
      refused(Reason.BAD_CREDENTIALS, token);
    }
  }

  @Test
  void withoutAListAnySubjectIsAccepted() throws Exception {
    UnsecuredJwtVerifier open = verifier(Set.of(), Set.of());
    assertThat(open.verify(plain(Issuer.claims().subject("eve"))).user().name()).isEqualTo("eve");
    Clients.refused(Reason.NOT_FOR_US, () -> open.verify(plain(Issuer.claims().subject(""))));
  }

  private static Date at(int seconds) {
    return Date.from(Issuer.NOW.plusSeconds(seconds));
  }

  private static String plain(JWTClaimsSet.Builder claims) {
    return new PlainJWT(claims.build()).serialize();
  }

  private void refused(Reason reason, String token) {
    Clients.refused(reason, () -> verifier.verify(token));
  }
}
