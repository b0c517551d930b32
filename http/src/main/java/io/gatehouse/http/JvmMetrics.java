package io.gatehouse.http;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Metrics of the process and the JVM, with the names of Prometheus' client libraries ({@code
 * process_*}, {@code jvm_*}). Nothing is loaded or read before the first scrape. Values that the
 * system does not provide are omitted.
 */
public final class JvmMetrics implements MultiCollector {
  private static final Path STATUS = Path.of("/proc/self/status");

  private JvmMetrics() {}

  /** Adds the metrics to a registry. Must be called once per registry. */
  public static void register(PrometheusRegistry registry) {
    registry.register(new JvmMetrics());
  }

  @Override
  public MetricSnapshots collect() {
    var sheet = new Sheet(MetricSnapshots.builder());
    process(sheet);
    memory(sheet);
    collectors(sheet);
    threads(sheet);
    classes(sheet);
    return sheet.out().build();
  }

  private static void process(Sheet sheet) {
    var start = ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3;
    sheet.gauge("process_start_time_seconds", "Start of the process, seconds since 1970.", start);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
      sheet.counter(
          "process_cpu_seconds", "CPU time, user and system.", os.getProcessCpuTime() / 1e9);
      sheet.gauge(
          "process_open_fds", "Open file descriptors.", (double) os.getOpenFileDescriptorCount());
      sheet.gauge(
          "process_max_fds",
          "Limit of open file descriptors.",
          (double) os.getMaxFileDescriptorCount());
    }
    try (var lines = Files.lines(STATUS)) {
      lines.forEach(line -> {
        if (line.startsWith("VmRSS:")) {
          sheet.gauge("process_resident_memory_bytes", "Memory held in RAM.", bytes(line));
        } else if (line.startsWith("VmSize:")) {
          sheet.gauge("process_virtual_memory_bytes", "Address space.", bytes(line));
        }
      });
    } catch (IOException | UncheckedIOException _) {
      // Not available, for example because this is not Linux: these two metrics are omitted.
    }
  }

  /** A line like {@code VmRSS: 60123 kB}. */
  private static double bytes(String line) {
    return 1024.0 * Long.parseLong(line.replaceAll("\\D", ""));
  }

  private static void memory(Sheet sheet) {
    var areas = new LinkedHashMap<String, MemoryUsage>();
    areas.put("heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage());
    areas.put("nonheap", ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage());
    usage(sheet, "jvm_memory_", "area", areas);

    var pools = new LinkedHashMap<String, MemoryUsage>();
    ManagementFactory.getMemoryPoolMXBeans().forEach(p -> pools.put(p.getName(), p.getUsage()));
    usage(sheet, "jvm_memory_pool_", "pool", pools);

    var buffers = new LinkedHashMap<String, BufferPoolMXBean>();
    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)
        .forEach(pool -> buffers.put(pool.getName(), pool));
    var by = new Family<>(sheet, "jvm_buffer_pool_", "pool", buffers);
    by.gauge("used_bytes", "Buffer memory in use.", BufferPoolMXBean::getMemoryUsed);
    by.gauge("capacity_bytes", "Capacity of all buffers.", BufferPoolMXBean::getTotalCapacity);
    by.gauge("used_buffers", "Buffers in use.", BufferPoolMXBean::getCount);
  }

  private static void usage(Sheet sheet, String prefix, String label, Map<String, MemoryUsage> of) {
    var by = new Family<>(sheet, prefix, label, of);
    by.gauge("used_bytes", "Memory in use.", MemoryUsage::getUsed);
    by.gauge("committed_bytes", "Memory the system has granted.", MemoryUsage::getCommitted);
    by.gauge("max_bytes", "Maximum memory; -1 means no limit.", MemoryUsage::getMax);
    by.gauge("init_bytes", "Memory at start.", MemoryUsage::getInit);
  }

  private static void collectors(Sheet sheet) {
    var seconds = SummarySnapshot.builder().name("jvm_gc_collection_seconds");
    seconds.help("Garbage collections and their duration.");
    for (var gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      seconds.dataPoint(
          SummaryDataPointSnapshot.builder()
              .labels(Labels.of("gc", gc.getName()))
              .count(gc.getCollectionCount())
              .sum(gc.getCollectionTime() / 1e3)
              .build());
    }
    sheet.out().metricSnapshot(seconds.build());
  }

  private static void threads(Sheet sheet) {
    var threads = ManagementFactory.getThreadMXBean();
    sheet.gauge("jvm_threads_current", "Platform threads.", threads.getThreadCount());
    sheet.gauge("jvm_threads_daemon", "Daemon threads.", threads.getDaemonThreadCount());
    sheet.gauge(
        "jvm_threads_peak", "Maximum number of threads so far.", threads.getPeakThreadCount());
    sheet.counter(
        "jvm_threads_started", "Threads started.", (double) threads.getTotalStartedThreadCount());
  }

  private static void classes(Sheet sheet) {
    var classes = ManagementFactory.getClassLoadingMXBean();
    sheet.gauge(
        "jvm_classes_currently_loaded", "Currently loaded classes.", classes.getLoadedClassCount());
    sheet.counter(
        "jvm_classes_loaded",
        "Classes loaded so far.",
        (double) classes.getTotalLoadedClassCount());
    sheet.counter(
        "jvm_classes_unloaded", "Unloaded classes.", (double) classes.getUnloadedClassCount());
    var info =
        Labels.of(
            "runtime", System.getProperty("java.runtime.name", "unknown"),
            "vendor", System.getProperty("java.vm.vendor", "unknown"),
            "version", System.getProperty("java.runtime.version", "unknown"));
    var runtime = InfoSnapshot.builder().name("jvm_runtime").help("The Java runtime.");
    sheet.out().metricSnapshot(runtime.dataPoint(new InfoDataPointSnapshot(info)).build());
  }

  private record Sheet(MetricSnapshots.Builder out) {
    void gauge(String name, String help, double value) {
      var point = GaugeDataPointSnapshot.builder().value(value).build();
      out.metricSnapshot(GaugeSnapshot.builder().name(name).help(help).dataPoint(point).build());
    }

    /** The text formats add {@code _total} to the name. */
    void counter(String name, String help, double value) {
      var point = CounterDataPointSnapshot.builder().value(value).build();
      out.metricSnapshot(CounterSnapshot.builder().name(name).help(help).dataPoint(point).build());
    }
  }

  /** Gauges for several objects, distinguished by a label. */
  private record Family<T>(Sheet sheet, String prefix, String label, Map<String, T> of) {
    void gauge(String name, String help, ToDoubleFunction<T> value) {
      var gauge = GaugeSnapshot.builder().name(prefix + name).help(help);
      of.forEach((key, member) ->
          gauge.dataPoint(
              GaugeDataPointSnapshot.builder()
                  .labels(Labels.of(label, key))
                  .value(value.applyAsDouble(member))
                  .build()));
      sheet.out().metricSnapshot(gauge.build());
    }
  }
}
