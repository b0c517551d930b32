package io.gatehouse.app;

import static io.gatehouse.gateway.metrics.Metrics.counter;
import static io.gatehouse.gateway.metrics.Metrics.gauge;

import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreStatus;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The state of the store. Nothing for a store in memory. */
record StoreMetrics(Store store) implements MultiCollector {

  @Override
  public MetricSnapshots collect() {
    @Nullable StoreStatus status = store.status();
    if (status == null) {
      return new MetricSnapshots();
    }
    StoreStatus.Counts counts = status.counts();
    List<MetricSnapshot> all =
        new ArrayList<>(
            List.of(
                gauge(
                    "gatehouse_store_up",
                    "Whether the store is read and takes changes.",
                    status.problem() == null ? 1 : 0),
                gauge(
                    "gatehouse_store_revision",
                    "Revision of the resources in force.",
                    store.current().revision()),
                gauge(
                    "gatehouse_store_read_timestamp_seconds",
                    "When the store was last known to have nothing newer, in seconds since 1970.",
                    status.read().toEpochMilli() / 1000.0),
                counter("gatehouse_store_writes", "Changes that were stored.", counts.written()),
                counter(
                    "gatehouse_store_rejected_writes",
                    "Changes that could not be stored.",
                    counts.rejected()),
                gauge(
                    "gatehouse_store_superseded_records",
                    "Records that are no longer needed and not removed yet.",
                    counts.superseded()),
                gauge(
                    "gatehouse_store_unreadable_records",
                    "Records that this version cannot read, which it keeps.",
                    counts.unreadable())));
    StoreStatus.Copy copy = status.copy();
    if (copy != null) {
      all.add(
          gauge(
              "gatehouse_store_copy_up",
              "Whether the copy in the failover cluster can be read and written.",
              copy.problem() == null ? 1 : 0));
      all.add(
          gauge(
              "gatehouse_store_copy_revision",
              "Revision of the copy in the failover cluster, -1 if there is none.",
              copy.revision()));
      all.add(
          gauge(
              "gatehouse_store_copy_in_force",
              "Whether the resources in force come from the copy, because the store was not read.",
              copy.inForce() ? 1 : 0));
    }
    return new MetricSnapshots(all);
  }
}
