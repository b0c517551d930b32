package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class JvmMetricsTest {
  private final PrometheusRegistry registry = new PrometheusRegistry();

  JvmMetricsTest() {
    JvmMetrics.register(registry);
  }

  private Map<String, Double> scrape() throws IOException {
    var out = new ByteArrayOutputStream();
    ExpositionFormats.init().getPrometheusTextFormatWriter().write(out, registry.scrape());
    return out.toString(UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .collect(
            Collectors.toMap(
                l -> l.substring(0, l.lastIndexOf(' ')),
                l -> Double.valueOf(l.substring(l.lastIndexOf(' ') + 1))));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theStandardNamesAreThere() throws IOException {
    assertThat(scrape())
        .containsKeys(
            "process_cpu_seconds_total",
            "process_start_time_seconds",
            "process_open_fds",
            "process_max_fds",
            "process_resident_memory_bytes",
            "process_virtual_memory_bytes",
            "jvm_memory_used_bytes{area=\"heap\"}",
            "jvm_memory_committed_bytes{area=\"nonheap\"}",
            "jvm_memory_max_bytes{area=\"heap\"}",
            "jvm_memory_pool_used_bytes{pool=\"Metaspace\"}",
            "jvm_buffer_pool_used_bytes{pool=\"direct\"}",
            "jvm_buffer_pool_capacity_bytes{pool=\"mapped\"}",
            "jvm_buffer_pool_used_buffers{pool=\"direct\"}",
            "jvm_threads_current",
            "jvm_threads_daemon",
            "jvm_threads_peak",
            "jvm_threads_started_total",
            "jvm_classes_currently_loaded",
            "jvm_classes_loaded_total",
            "jvm_classes_unloaded_total")
        .hasKeySatisfying(startsWith("jvm_gc_collection_seconds_count{gc="))
        .hasKeySatisfying(startsWith("jvm_gc_collection_seconds_sum{gc="))
        .hasKeySatisfying(startsWith("jvm_runtime_info{"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theValuesAreInTheUnitsOfTheirNames() throws IOException {
    var values = scrape();
    var megabyte = 1_048_576.0;
    assertThat(values.get("process_start_time_seconds"))
        .isBetween(
            Instant.now().minusSeconds(86_400).getEpochSecond() * 1.0,
            Instant.now().getEpochSecond() * 1.0);
    assertThat(values.get("process_cpu_seconds_total")).isBetween(0.05, 86_400.0);
    assertThat(values.get("process_resident_memory_bytes"))
        .isBetween(20 * megabyte, 8_192 * megabyte);
    assertThat(values.get("process_virtual_memory_bytes"))
        .isGreaterThan(values.get("process_resident_memory_bytes"));
    assertThat(values.get("process_open_fds")).isBetween(3.0, values.get("process_max_fds"));
    assertThat(values.get("jvm_memory_max_bytes{area=\"heap\"}"))
        .isEqualTo(Runtime.getRuntime().maxMemory() * 1.0);
    assertThat(values.get("jvm_classes_currently_loaded")).isGreaterThan(500.0);
    assertThat(values.get("jvm_threads_peak"))
        .isGreaterThanOrEqualTo(values.get("jvm_threads_daemon"));
  }

  @Test
  void collectionsAreCounted() throws IOException {
    var before = collections();
    System.gc();
    assertThat(collections()).isGreaterThan(before);
  }

  private double collections() throws IOException {
    return scrape().entrySet().stream()
        .filter(e -> e.getKey().startsWith("jvm_gc_collection_seconds_count"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static Condition<String> startsWith(String prefix) {
    return new Condition<>(key -> key.startsWith(prefix), "starts with %s", prefix);
  }
}
