package io.gatehouse.app.config;

import io.gatehouse.app.config.AppSettings.Admin;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.http.AdminUser;
import io.gatehouse.http.UserSettings;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code admin}: where resources are kept, and who may change them. */
final class AdminBinder {

  private static final Admin DEFAULT =
      new Admin(new StoreSettings.Memory(), UserSettings.of(List.of()), false, null);

  private AdminBinder() {}

  /**
   * @param failover the cluster that clients of the cluster main can be switched to; null for none
   */
  static Admin read(Section section, @Nullable String failover) {
    StoreSettings store = store(section.section("store"), failover);
    Path folder = section.path("folder", "none");
    section.onCheck(() -> {
      if (folder != null && !Files.isDirectory(folder)) {
        section.problem("folder", "there is no folder " + folder);
      }
    });
    boolean wellKnown = section.flag("allowDefaultPassword", false);
    UserSettings users = UserBinder.read(section);
    return section.make(() -> new Admin(store, users, wellKnown, folder), () -> DEFAULT);
  }

  private static StoreSettings store(Section section, @Nullable String failover) {
    boolean memory = section.flag("memory", false);
    Path file = section.path("file", "none");
    String topic = section.optionalText("topic", "none", text -> text);
    Integer replicas =
        section.optionalNumber("replicationFactor", "as the brokers do by default", 1, 100);
    // What the variables of the replaced product imply yields to what is named.
    boolean implied =
        topic != null
            && (file != null || memory)
            && section.originOf("topic") instanceof Origin.Variable variable
            && variable.name().startsWith("GATEWAY_");
    if (implied) {
      topic = null;
    }
    if ((file == null ? 0 : 1) + (topic == null ? 0 : 1) + (memory ? 1 : 0) > 1) {
      section.problem("", "give only one of memory, file and topic");
    }
    String name = topic;
    StoreSettings store =
        section.make(
            () -> {
              if (name != null) {
                return new StoreSettings.Kafka(
                    Entry.MAIN, name, replicas == null ? -1 : replicas, failover);
              }
              return file == null ? new StoreSettings.Memory() : new StoreSettings.File(file);
            },
            StoreSettings.Memory::new);
    section.onCheck(() -> {
      try {
        store.check();
      } catch (IllegalArgumentException e) {
        section.problem("file", String.valueOf(e.getMessage()));
      }
    });
    return store;
  }

  private static boolean isLoopback(String host) {
    try {
      return host.equalsIgnoreCase("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /**
   * Refuses the password that another product comes with, which everybody knows, where others can
   * try it.
   *
   * @param host on which HTTP listens, or null
   */
  static Admin checkUsers(Section section, Admin admin, @Nullable String host, Problems problems) {
    Admin checked =
        host == null || isLoopback(host) || admin.allowDefaultPassword()
            ? admin
            : admin.with(admin.users().withoutWellKnownPassword());
    UserSettings users = checked.users();
    section.onCheck(() -> UserBinder.checkFile(section, users));
    boolean known = users.users().stream().anyMatch(AdminUser::hasWellKnownPassword);
    if (known && !users.wellKnownPassword()) {
      problems.add(
          Origin.DEFAULT,
          "admin.users: a user has the password that Conduktor Gateway comes with, and HTTP listens"
              + " on "
              + host
              + ": give it another one, or set admin.allowDefaultPassword"
              + " (GATEHOUSE_ADMIN_ALLOW_DEFAULT_PASSWORD=true)");
    }
    return checked;
  }
}
