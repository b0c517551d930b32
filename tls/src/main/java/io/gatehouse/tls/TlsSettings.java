package io.gatehouse.tls;

import java.nio.file.Path;
import java.util.List;

/** Settings of one side of TLS connections. Equal settings can share a context. */
public sealed interface TlsSettings permits ServerTls, ClientTls {

  Ciphers ciphers();

  /** The files to watch for changes. */
  List<Path> files();
}
