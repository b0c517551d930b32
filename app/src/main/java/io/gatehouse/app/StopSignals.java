package io.gatehouse.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * TERM and INT. The first asks for an orderly end; the second ends the process at once with 128 and
 * the signal's number, as a shell counts.
 *
 * <p>Java has no supported way to see a second signal, since its shutdown hooks run once, so this
 * uses {@code sun.misc.Signal}. It does so by reflection, because the compiler's warning about that
 * class cannot be turned off, and warnings are errors here.
 */
final class StopSignals {

  private StopSignals() {}

  /**
   * @param first told the first signal's name, on a thread of the JVM's own
   */
  static void handle(Consumer<String> first) {
    AtomicBoolean seen = new AtomicBoolean();
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      var number = signalType.getMethod("getNumber");
      var name = signalType.getMethod("getName");
      InvocationHandler onSignal =
          (proxy, method, arguments) -> {
            if (!method.getName().equals("handle")) {
              return method.invoke(seen, arguments); // toString and the like
            }
            if (seen.compareAndSet(false, true)) {
              first.accept("SIG" + name.invoke(arguments[0]));
            } else {
              Runtime.getRuntime().halt(128 + (Integer) number.invoke(arguments[0]));
            }
            return null;
          };
      Object handler =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, onSignal);
      var handle = signalType.getMethod("handle", signalType, handlerType);
      for (String signal : new String[] {"TERM", "INT"}) {
        handle.invoke(null, signalType.getConstructor(String.class).newInstance(signal), handler);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java has no sun.misc.Signal (jdk.unsupported)", e);
    }
  }
}
