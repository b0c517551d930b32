package io.gatehouse.testkit.pki;

import java.nio.file.Path;

/**
 * Credentials written as PEM.
 *
 * @param chain the certificate first, then its issuers as far as they belong to the chain
 * @param key the private key
 * @param authority the root that a peer has to trust
 */
public record PemFiles(Path chain, Path key, Path authority) {}
