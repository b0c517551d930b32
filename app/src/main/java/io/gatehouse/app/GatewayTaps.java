package io.gatehouse.app;

import io.gatehouse.app.config.ApiNames;
import io.gatehouse.app.config.Durations;
import io.gatehouse.auth.Nearest;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.TapFilter;
import io.gatehouse.gateway.tap.TapOptions;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.http.FrameTaps;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens taps for HTTP requests. */
record GatewayTaps(Gateway gateway) implements FrameTaps {

  static final String LISTENER = "listener";
  static final String CLIENT = "client";
  static final String API = "api";
  static final String BODIES = "bodies";
  static final String RATE = "rate";
  static final String COUNT = "count";
  static final String FOR = "for";

  private static final List<String> KNOWN =
      List.of(LISTENER, CLIENT, API, BODIES, RATE, COUNT, FOR);

  @Override
  public Lines open(Map<String, List<String>> parameters) throws TooManyException {
    for (String name : parameters.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException(
            "there is no parameter '" + name + "'" + Nearest.hint(name, KNOWN));
      }
    }
    Tap tap = gateway.taps().open(order(parameters));
    if (tap == null) {
      throw new TooManyException(
          Taps.MAX_OPEN + " taps are open, which is the maximum; close one first");
    }
    return new Open(tap);
  }

  private TapOptions order(Map<String, List<String>> given) {
    String client = last(given, CLIENT);
    Set<Integer> apiKeys =
        given.getOrDefault(API, List.of()).stream()
            .flatMap(names -> Arrays.stream(names.split(",", -1)))
            .map(ApiNames::keyOf)
            .collect(Collectors.toSet());
    String rate = last(given, RATE);
    String count = last(given, COUNT);
    String time = last(given, FOR);
    return new TapOptions(
        new TapFilter(
            listener(given), client == null ? null : TapFilter.Client.of(client), apiKeys),
        bodies(last(given, BODIES)),
        rate == null ? TapOptions.DEFAULT_RATE : number(RATE, rate.replaceFirst("/s$", "")),
        count == null ? 0 : number(COUNT, count),
        time == null ? Duration.ZERO : Durations.parse(time));
  }

  private @Nullable String listener(Map<String, List<String>> given) {
    String wanted = last(given, LISTENER);
    List<String> names =
        gateway.settings().listeners().stream().map(ListenerSettings::name).toList();
    if (wanted != null && !names.contains(wanted)) {
      throw new IllegalArgumentException(
          "there is no listener '" + wanted + "'; the listeners are " + String.join(", ", names));
    }
    return wanted;
  }

  private static boolean bodies(@Nullable String text) {
    return switch (text) {
      case null -> false;
      case "false" -> false;
      case "true" -> true;
      default ->
          throw new IllegalArgumentException("bodies must be true or false, not '" + text + "'");
    };
  }

  private static int number(String name, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a whole number, not '" + text + "'", e);
    }
  }

  private static @Nullable String last(Map<String, List<String>> given, String name) {
    List<String> all = given.getOrDefault(name, List.of());
    return all.isEmpty() ? null : all.getLast();
  }

  private record Open(Tap tap) implements Lines {
    @Override
    public @Nullable String next(Duration most) throws InterruptedException {
      return tap.next(most);
    }

    @Override
    public boolean isEnded() {
      return tap.isEnded();
    }

    @Override
    public long shown() {
      return tap.shown();
    }

    @Override
    public void close() {
      tap.close();
    }
  }
}
