package io.gatehouse.tls;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gatehouse.auth.Secret;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.StoreType;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The messages about a store whose password is missing or wrong. */
class StorePasswordTest {

  private static final Authority AUTHORITY = Authority.create("store test authority");

  @TempDir private Path folder;

  private static ThrowingCallable keysOf(Path store, @Nullable Secret password) {
    return () -> KeyMaterial.load(new KeySource.Store(store, password, null, null));
  }

  private static void fails(ThrowingCallable load, String... said) {
    assertThatExceptionOfType(TlsConfigException.class)
        .isThrownBy(load)
        .withMessageContainingAll(said);
  }

  @ParameterizedTest
  @EnumSource(StoreType.class)
  void tellsThatAKeyStoresPasswordIsMissing(StoreType type) {
    Path store = AUTHORITY.server().writeKeyStore(folder, "keys", type, "hidden");
    fails(keysOf(store, null), store.toString(), "no password is given");
    fails(keysOf(store, new Secret("other")), store.toString(), "wrong password?");
  }

  @Test
  void tellsThatATrustStoresPasswordIsMissing() {
    Path store = AUTHORITY.server().writeTrustStore(folder, "trust", StoreType.PKCS12, "hidden");
    fails(
        () -> TrustManagers.load(new TrustSource.Store(store, null)),
        store.toString(),
        "no password is given");
  }

  @Test
  void tellsThatThereIsNoSuchStore() {
    fails(keysOf(folder.resolve("none.p12"), null), "none.p12: there is no such file");
  }
}
