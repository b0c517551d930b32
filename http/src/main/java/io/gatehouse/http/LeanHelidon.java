package io.gatehouse.http;

import io.helidon.common.SerializationConfig;
import io.helidon.common.features.HelidonFeatures;
import io.helidon.common.features.api.HelidonFlavor;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Turns off, for the whole process, what Helidon does at start for programs that are made of
 * Helidon. About a fifth of its start-up CPU, and its start-up messages. This module is the only
 * one that uses Helidon.
 */
final class LeanHelidon {
  // Held here because java.util.logging keeps loggers, and with them their level, by weak
  // references only.
  private static final Logger LOGGER = Logger.getLogger("io.helidon");

  private LeanHelidon() {}

  /** Idempotent; does its work when the class is first used. */
  static void set() {}

  static {
    if (LOGGER.getLevel() == null) {
      LOGGER.setLevel(Level.WARNING);
    }
    // The flavour that is not ours: the list of features is then neither gathered nor logged.
    HelidonFeatures.flavor(HelidonFlavor.MP);
    // A process-wide deserialization filter is the operator's to set (-Djdk.serialFilter), not an
    // HTTP server's.
    SerializationConfig.builder()
        .onNoConfig(SerializationConfig.Action.IGNORE)
        .onWrongConfig(SerializationConfig.Action.IGNORE)
        .ignoreFiles(true)
        .build()
        .configure();
    // Nothing of ours is injected, so no class path scan for services either.
    var services =
        ServiceRegistryConfig.builder()
            .discoverServices(false)
            .discoverServicesFromServiceLoader(false)
            .interceptionEnabled(false)
            .useBinding(false)
            .build();
    GlobalServiceRegistry.registry(ServiceRegistryManager.create(services).registry());
  }
}
