package io.gatehouse.app;

import static io.gatehouse.gateway.metrics.Metrics.gauge;

import io.gatehouse.control.folder.Folder;
import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state of the folder of resources, as a health check and as metrics. Both are for everyone who
 * reaches the port, so they count resources and problems; the log names them.
 */
record FolderReport(Folder folder) implements MultiCollector {

  /** Informational only: the resources of the last valid version are in use. */
  Check check() {
    Folder.State state = folder.state();
    Map<String, String> data = new TreeMap<>();
    data.put("resources", Integer.toString(state.declared().size()));
    data.put("since", state.since().toString());
    data.put("drift", Long.toString(folder.drift()));
    data.put("problems", Integer.toString(state.problems().size()));
    return new Check("folder", Concern.INFORM, state.isUpToDate(), data);
  }

  @Override
  public MetricSnapshots collect() {
    Folder.State state = folder.state();
    return new MetricSnapshots(
        gauge(
            "gatehouse_folder_up_to_date",
            "Whether the resources are those of the files in the folder.",
            state.isUpToDate() ? 1 : 0),
        gauge(
            "gatehouse_folder_problems",
            "Problems of the files in the folder.",
            state.problems().size()),
        gauge(
            "gatehouse_folder_resources",
            "Resources in the last valid version of the folder.",
            state.declared().size()),
        gauge(
            "gatehouse_folder_drift",
            "Resources of the folder that others have changed or deleted.",
            folder.drift()),
        gauge(
            "gatehouse_folder_read_timestamp_seconds",
            "When the present version of the folder was read, in seconds since 1970.",
            state.since().toEpochMilli() / 1000.0),
        CounterSnapshot.builder()
            .name("gatehouse_folder_versions")
            .help("Versions of the folder, by result.")
            .dataPoint(versions("applied", state.applied()))
            .dataPoint(versions("refused", state.refused()))
            .build());
  }

  private static CounterDataPointSnapshot versions(String result, long count) {
    return CounterDataPointSnapshot.builder()
        .labels(Labels.of("result", result))
        .value(count)
        .build();
  }
}
