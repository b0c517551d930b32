package io.gatehouse.testkit.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.kerberos.KerberosPrincipal;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.security.auth.AuthenticationContext;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.KafkaPrincipalBuilder;
import org.apache.kafka.common.security.auth.KafkaPrincipalSerde;
import org.apache.kafka.common.security.auth.SaslAuthenticationContext;
import org.apache.kafka.common.security.auth.SslAuthenticationContext;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;
import org.apache.kafka.common.security.kerberos.KerberosShortNamer;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's default principal builder, which also writes a line to a file for every authentication
 * and re-authentication: listener, security protocol, mechanism, principal and the client's
 * address, separated by tabs. Connections without authentication are not recorded.
 */
public final class RecordingPrincipalBuilder
    implements KafkaPrincipalBuilder, KafkaPrincipalSerde, Configurable {

  /** The broker property with the path of the file. */
  public static final String FILE = "gatehouse.principals.file";

  // Static, because a broker has several builders.
  private static final Set<WeakIdentity> WRITTEN = ConcurrentHashMap.newKeySet();
  private static final ReferenceQueue<Object> GONE = new ReferenceQueue<>();

  private DefaultKafkaPrincipalBuilder kafkas =
      new DefaultKafkaPrincipalBuilder(null, SslPrincipalMapper.fromRules("DEFAULT"));
  private @Nullable Path file;

  @Override
  public void configure(Map<String, ?> settings) {
    Object path = settings.get(FILE);
    file = path == null ? null : Path.of(path.toString());
    Object rules = settings.get("ssl.principal.mapping.rules");
    kafkas =
        new DefaultKafkaPrincipalBuilder(
            shortNamer(settings.get("sasl.kerberos.principal.to.local.rules")),
            SslPrincipalMapper.fromRules(rules == null ? "DEFAULT" : rules.toString()));
  }

  private static @Nullable KerberosShortNamer shortNamer(@Nullable Object rules) {
    if (System.getProperty("java.security.krb5.conf") == null) {
      return null;
    }
    List<String> unparsed =
        rules instanceof List<?> list
            ? list.stream().map(Object::toString).toList()
            : List.of("DEFAULT");
    return KerberosShortNamer.fromUnparsedRules(new KerberosPrincipal("any").getRealm(), unparsed);
  }

  @Override
  public KafkaPrincipal build(AuthenticationContext context) {
    KafkaPrincipal principal = kafkas.build(context);
    switch (context) {
      case SaslAuthenticationContext sasl ->
          write(sasl, sasl.server(), sasl.server().getMechanismName(), principal);
      case SslAuthenticationContext ssl -> write(ssl, ssl.session(), "-", principal);
      default -> {}
    }
    return principal;
  }

  private void write(
      AuthenticationContext context, Object proof, String mechanism, KafkaPrincipal principal) {
    for (Reference<?> gone = GONE.poll(); gone != null; gone = GONE.poll()) {
      WRITTEN.remove(gone);
    }
    Path target = file;
    if (target == null || !WRITTEN.add(new WeakIdentity(proof))) {
      return;
    }
    String line =
        String.join(
                "\t",
                context.listenerName(),
                context.securityProtocol().name,
                mechanism,
                principal.toString(),
                context.clientAddress().getHostAddress())
            + "\n";
    try {
      // Writes with one call, so that lines of several threads do not mix.
      Files.write(
          target,
          line.getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public byte[] serialize(KafkaPrincipal principal) {
    return kafkas.serialize(principal);
  }

  @Override
  public KafkaPrincipal deserialize(byte[] bytes) {
    return kafkas.deserialize(bytes);
  }

  /** A weak reference to an object, compared by identity. */
  private static final class WeakIdentity extends WeakReference<Object> {

    private final int hash;

    WeakIdentity(Object object) {
      super(object, GONE);
      this.hash = System.identityHashCode(object);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      Object ours = get();
      return this == other
          || (ours != null && other instanceof WeakIdentity theirs && theirs.refersTo(ours));
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
