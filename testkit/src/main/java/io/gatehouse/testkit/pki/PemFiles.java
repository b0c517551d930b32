package io.gatehouse.testkit.pki;

import java.nio.file.Path;

/**
 * Files with credentials in PEM.
 *
 * @param chain the certificate, then its issuers in the chain
 * @param key the private key
 * @param authority the root that a peer must trust
 */
public record PemFiles(Path chain, Path key, Path authority) {}
