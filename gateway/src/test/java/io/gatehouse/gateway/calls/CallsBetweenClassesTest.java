package io.gatehouse.gateway.calls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CallsBetweenClassesTest {

  private static final int REQUESTS = 200;

  @Test
  void aSteadyProduceTakesFewCallsBetweenClasses() throws Exception {
    ClassLoader counting = new CountingLoader(getClass().getClassLoader());
    Class<?> scenario = counting.loadClass(SteadyProduce.class.getName());
    Runnable begun = Calls::reset;
    scenario.getMethod("run", int.class, Runnable.class).invoke(null, REQUESTS, begun);
    few(Calls.perRequest(REQUESTS), 80);
    few(Calls.perResponse(REQUESTS), 96);
  }

  private static void few(Map<String, Double> calls, int most) {
    double all = calls.values().stream().mapToDouble(Double::doubleValue).sum();
    assertThat(all).as("calls from class to class: %s", calls).isBetween(10.0, (double) most);
  }
}
