package io.gatehouse.gateway;

import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.ListenerSettings;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Describes the differences between two settings, one line each, for the log. */
final class SettingsDiff {

  private final List<String> lines = new ArrayList<>();

  private SettingsDiff() {}

  /** Returns one line per difference; empty if the settings are equal. */
  static List<String> between(GatewaySettings before, GatewaySettings after) {
    SettingsDiff changes = new SettingsDiff();
    changes.named("cluster ", before.upstreams(), after.upstreams());
    changes.named("listener ", byName(before), byName(after));
    changes.values("", before.traffic(), after.traffic());
    changes.values("drain", before.drain(), after.drain());
    changes.values("virtualClusters", before.tenancy(), after.tenancy());
    return List.copyOf(changes.lines);
  }

  private static Map<String, ListenerSettings> byName(GatewaySettings settings) {
    Map<String, ListenerSettings> all = new LinkedHashMap<>();
    settings.listeners().forEach(one -> all.put(one.name(), one));
    return all;
  }

  private <V extends Record> void named(String kind, Map<String, V> before, Map<String, V> after) {
    Set<String> names = new LinkedHashSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      V old = before.get(name);
      V now = after.get(name);
      if (old == null) {
        lines.add(kind + name + " is new");
      } else if (now == null) {
        lines.add(kind + name + " is gone");
      } else if (!old.equals(now)) {
        lines.add(kind + name + " has changed: " + String.join(", ", parts("", old, now)));
      }
    }
  }

  /** Paths of the components that differ, without values, which may be secrets. */
  private static List<String> parts(String path, Record before, Record after) {
    List<String> parts = new ArrayList<>();
    for (RecordComponent component : before.getClass().getRecordComponents()) {
      Object old = value(component, before);
      Object now = value(component, after);
      String name = path + component.getName();
      if (Objects.equals(old, now)) {
        continue;
      }
      if (old instanceof Record one
          && now instanceof Record other
          && old.getClass() == now.getClass()) {
        parts.addAll(parts(name + ".", one, other));
      } else {
        parts.add(name);
      }
    }
    return parts;
  }

  private void values(String path, Record before, Record after) {
    for (RecordComponent component : before.getClass().getRecordComponents()) {
      Object old = value(component, before);
      Object now = value(component, after);
      String name = path.isEmpty() ? component.getName() : path + "." + component.getName();
      if (old instanceof Record one && now instanceof Record other) {
        values(name, one, other);
      } else if (!Objects.equals(old, now)) {
        lines.add(name + " is " + now + ", and was " + old);
      }
    }
  }

  private static @Nullable Object value(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }
}
