package io.gatehouse.app.config;

import io.gatehouse.app.config.AppSettings.Admin;
import io.gatehouse.auth.Secret;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.http.AdminUser;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads {@code admin}: where resources are kept, and who may change them. */
final class AdminBinder {

  private static final Admin DEFAULT =
      new Admin(new StoreSettings.Memory(), List.of(), false, null);

  private AdminBinder() {}

  static Admin read(Section section) {
    StoreSettings store = store(section.section("store"));
    Path folder = section.path("folder", "none");
    section.onCheck(() -> {
      if (folder != null && !Files.isDirectory(folder)) {
        section.problem("folder", "there is no folder " + folder);
      }
    });
    boolean wellKnown = section.flag("allowDefaultPassword", false);
    List<AdminUser> users = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<Supplier<Section>> sections = section.sections("users");
    if (sections.isEmpty()) {
      section.absent("users", "admin, with a random password");
    }
    for (Supplier<Section> opened : sections) {
      AdminUser user = user(opened.get());
      if (user != null && !names.add(user.name())) {
        section.problem("users", "there are two users " + user.name());
      } else if (user != null) {
        users.add(user);
      }
    }
    return section.make(() -> new Admin(store, users, wellKnown, folder), () -> DEFAULT);
  }

  private static StoreSettings store(Section section) {
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
                return new StoreSettings.Kafka(Entry.MAIN, name, replicas == null ? -1 : replicas);
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

  private static @Nullable AdminUser user(Section section) {
    String name = section.text("name", "");
    Secret password = section.secret("password");
    boolean admin = section.flag("admin", false);
    return section.make(
        () -> new AdminUser(name, password == null ? new Secret("") : password, admin), () -> null);
  }

  private static boolean isLoopback(String host) {
    try {
      return host.equalsIgnoreCase("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Everybody knows the password that another product comes with. */
  static void checkPasswords(Admin admin, @Nullable String host, Problems problems) {
    boolean known =
        admin.users().stream()
            .anyMatch(user -> user.password().equals(new Secret(AdminUser.WELL_KNOWN_PASSWORD)));
    if (known && host != null && !isLoopback(host) && !admin.allowDefaultPassword()) {
      problems.add(
          Origin.DEFAULT,
          "admin.users: a user has the password that Conduktor Gateway comes with, and HTTP listens"
              + " on "
              + host
              + ": give it another one, or set admin.allowDefaultPassword"
              + " (GATEHOUSE_ADMIN_ALLOW_DEFAULT_PASSWORD=true)");
    }
  }
}
