package io.gatehouse.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/**
 * Handlers for signals.
 *
 * <p>Shutdown hooks run only once, so Java has no supported way to handle a second signal, and this
 * uses {@code sun.misc.Signal}. It does so by reflection, because the compiler's warning about that
 * class cannot be suppressed and the build treats warnings as errors.
 */
final class Signals {

  private Signals() {}

  /**
   * Handles TERM and INT. The first signal calls the action; the second ends the process at once
   * with 128 plus the signal number.
   *
   * @param first receives the name of the first signal, on a thread of the JVM
   */
  static void onStop(Consumer<String> first) {
    AtomicBoolean seen = new AtomicBoolean();
    handle(
        List.of("TERM", "INT"),
        (name, number) -> {
          if (seen.compareAndSet(false, true)) {
            first.accept("SIG" + name);
          } else {
            Runtime.getRuntime().halt(128 + number);
          }
        });
  }

  /** Handles every HUP, on a thread of the JVM. */
  static void onHangup(Runnable action) {
    handle(List.of("HUP"), (_, _) -> action.run());
  }

  private static void handle(List<String> signals, ObjIntConsumer<String> action) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      var number = signalType.getMethod("getNumber");
      var name = signalType.getMethod("getName");
      InvocationHandler onSignal =
          (proxy, method, arguments) -> {
            if (!method.getName().equals("handle")) {
              return method.invoke(action, arguments); // methods of Object
            }
            action.accept(
                String.valueOf(name.invoke(arguments[0])), (Integer) number.invoke(arguments[0]));
            return null;
          };
      Object handler =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(), new Class<?>[] {handlerType}, onSignal);
      var handle = signalType.getMethod("handle", signalType, handlerType);
      for (String signal : signals) {
        handle.invoke(null, signalType.getConstructor(String.class).newInstance(signal), handler);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java has no sun.misc.Signal (jdk.unsupported)", e);
    }
  }
}
