package io.gatehouse.auth.sasl.token;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.auth.Http;
import io.gatehouse.auth.OutageLog;
import io.gatehouse.auth.RedactedUrl;
import io.gatehouse.auth.sasl.SaslFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An issuer's public keys. A login that finds them missing or outdated fetches them, one login at a
 * time, and never more often than the settings and limits allow, whatever key ids tokens name.
 * While the issuer cannot be reached, the last keys stay in use for a day.
 */
final class JwksKeys implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(JwksKeys.class);

  private static final Duration FILE_REFRESH = Duration.ofSeconds(5);
  private static final Duration TOLERANCE = Duration.ofDays(1);

  /** The shortest time between two fetches for unknown key ids. */
  static final Duration UNKNOWN_PAUSE = Duration.ofSeconds(10);

  private static final Map<String, String> ACCEPT =
      Map.of("Accept", "application/jwk-set+json, application/json");

  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MIN_RSA_BITS = 2048;

  /** At most so many matching keys are tried for one token. */
  private static final int MAX_TRIED = 8;

  private record Known(List<JWK> keys, long loaded) {}

  private final JwksSettings settings;

  /** The redacted URL, for logs and messages. */
  private final String place;

  private final Duration refresh;
  private final Duration unknownPause;
  private final LongSupplier nanos;
  private final Http http;
  private final OutageLog outage;
  private final ReentrantLock loading = new ReentrantLock();
  private volatile @Nullable Known known;
  // Guarded by loading.
  private int failures;
  private long lastAttempt;
  private long lastFailure;

  JwksKeys(JwksSettings settings) {
    this(settings, System::nanoTime);
  }

  JwksKeys(JwksSettings settings, LongSupplier nanos) {
    this.settings = settings;
    this.place = RedactedUrl.of(settings.location());
    boolean quick = settings.isFile();
    this.refresh =
        quick && settings.refresh().compareTo(FILE_REFRESH) > 0 ? FILE_REFRESH : settings.refresh();
    this.unknownPause = quick ? Duration.ofSeconds(1) : UNKNOWN_PAUSE;
    this.nanos = nanos;
    this.outage = new OutageLog(log, nanos);
    this.http = Http.ofDocuments(settings.timeout(), settings.tls());
  }

  /**
   * The keys that may have signed the token; possibly none.
   *
   * @throws SaslFailure UNAVAILABLE when no keys are known and they cannot be fetched
   */
  List<JWK> find(JWSHeader header) throws SaslFailure {
    JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
    Known now = current();
    List<JWK> found = select(now, matcher);
    return found.isEmpty() ? select(afterUnknown(now), matcher) : found;
  }

  private static List<JWK> select(Known known, JWKMatcher matcher) {
    return known.keys().stream().filter(matcher::matches).limit(MAX_TRIED).toList();
  }

  private Known current() throws SaslFailure {
    Known now = known;
    if (now != null && !isOlder(now, refresh)) {
      return now;
    }
    // While outdated keys can be used, no login waits for another one's request.
    boolean useless = now == null || isOlder(now, refresh.plus(TOLERANCE));
    boolean mine = useless ? await() : loading.tryLock();
    if (mine) {
      try {
        Known meanwhile = known;
        if ((meanwhile == null || isOlder(meanwhile, refresh)) && mayRetry()) {
          load();
        }
      } finally {
        loading.unlock();
      }
    }
    Known after = known;
    if (after == null || isOlder(after, refresh.plus(TOLERANCE))) {
      throw unavailable();
    }
    return after;
  }

  /** Fetches again for an unknown key id, unless that was done recently. */
  private Known afterUnknown(Known before) throws SaslFailure {
    if (await()) {
      try {
        Known meanwhile = known;
        boolean same = meanwhile != null && meanwhile.loaded() == before.loaded();
        long since = nanos.getAsLong() - lastAttempt;
        if (same && since >= unknownPause.toNanos() && mayRetry()) {
          load();
        }
      } finally {
        loading.unlock();
      }
    }
    Known after = known;
    return after == null ? before : after;
  }

  private boolean await() throws SaslFailure {
    try {
      return loading.tryLock(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable();
    }
  }

  private boolean isOlder(Known keys, Duration age) {
    return nanos.getAsLong() - keys.loaded() >= age.toNanos();
  }

  private boolean mayRetry() {
    return failures == 0 || nanos.getAsLong() - lastFailure >= pause().toNanos();
  }

  private Duration pause() {
    Duration pause = settings.retry().multipliedBy(1L << Math.min(failures - 1, 20));
    return pause.compareTo(settings.maxRetry()) < 0 ? pause : settings.maxRetry();
  }

  private void load() {
    lastAttempt = nanos.getAsLong();
    try {
      List<JWK> keys = parse(settings.isFile() ? file(settings) : get());
      known = new Known(keys, nanos.getAsLong());
      failures = 0;
      outage.works("The server of keys " + place);
      log.debug("Read {} keys from {}", keys.size(), place);
    } catch (IOException e) {
      failures++;
      lastFailure = nanos.getAsLong();
      AuthMetrics.failed(AuthMetrics.Verifier.JWKS, AuthMetrics.Cause.of(e));
      outage.failed(
          "Keys of tokens cannot be had from "
              + place
              + ": "
              + e.getMessage()
              + "; "
              + (known == null
                  ? "no client can log in with a token"
                  : "the known keys stay in use"));
    }
  }

  private String get() throws IOException {
    Http.Reply reply = http.send("GET", settings.location(), ACCEPT, null);
    if (!reply.ok()) {
      throw new IOException("HTTP status " + reply.status());
    }
    return reply.body();
  }

  private static String file(JwksSettings settings) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(settings.location()))) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw new IOException("it is larger than " + MAX_BYTES + " bytes");
      }
      return new String(content, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no such file", e);
    }
  }

  /** What is wrong with the current content of a file of keys; empty if nothing is. */
  static Optional<String> problemOf(JwksSettings settings) {
    try {
      parse(file(settings));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          "keys of tokens cannot be had from "
              + RedactedUrl.of(settings.location())
              + ": "
              + e.getMessage());
    }
  }

  private static List<JWK> parse(String text) throws IOException {
    try {
      List<JWK> keys = JWKSet.parse(text).getKeys().stream().filter(JwksKeys::isUsable).toList();
      if (keys.isEmpty()) {
        throw new IOException("there is no public key for signatures in it");
      }
      return keys;
    } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
      throw new IOException("it is no set of keys (JWKS): " + e.getMessage(), e);
    }
  }

  private static boolean isUsable(JWK key) {
    return switch (key.getKeyType().getValue()) {
      case "RSA" -> key.size() >= MIN_RSA_BITS;
      case "EC", "OKP" -> true;
      default -> false;
    };
  }

  private SaslFailure unavailable() {
    return new SaslFailure(
        SaslFailure.Reason.UNAVAILABLE, "the keys of tokens cannot be had from " + place);
  }

  @Override
  public void close() {
    http.close();
  }
}
