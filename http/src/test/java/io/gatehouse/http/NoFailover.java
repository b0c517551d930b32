package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import java.util.List;

/** No cluster has a failover cluster. */
final class NoFailover implements Failover {

  @Override
  public List<State> states() {
    return List.of();
  }

  @Override
  public void switchTo(String cluster, String to) throws Refusal {
    throw new Refusal(Refusal.Reason.MISSING, "There is no such cluster", cluster);
  }

  @Override
  public List<String> missing(String cluster, String to) throws Refusal {
    throw new Refusal(Refusal.Reason.MISSING, "There is no such cluster", cluster);
  }
}
