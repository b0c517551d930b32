package io.gatehouse.tls;

import java.nio.file.Path;
import java.util.List;

/** How one side of TLS connections is set up. Values that are equal can share a context. */
public sealed interface TlsSettings permits ServerTls, ClientTls {

  Ciphers ciphers();

  /** The files whose changes make a new context. */
  List<Path> files();
}
