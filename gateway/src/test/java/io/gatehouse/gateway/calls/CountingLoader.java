package io.gatehouse.gateway.calls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Objects;

/**
 * Loads Gatehouse's classes again, those of the gateway with counters; calls within wire count as
 * one.
 */
final class CountingLoader extends ClassLoader {

  private static final String OURS = "io.gatehouse.";
  private static final String OURS_INTERNAL = "io/gatehouse/";
  private static final ClassDesc CALLS = ClassDesc.of(Calls.class.getName());
  private static final MethodTypeDesc HIT =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

  CountingLoader(ClassLoader parent) {
    super(parent);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      if (!name.startsWith(OURS) || name.equals(Calls.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> known = findLoadedClass(name);
      return known == null ? define(name) : known;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    try (InputStream in = getParent().getResourceAsStream(file)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      String from = Objects.requireNonNull(getParent().getResource(file)).getPath();
      boolean counted = !from.contains("/test");
      byte[] bytes = in.readAllBytes();
      byte[] used = counted && isOfDataPlane(name) ? withCounters(bytes) : bytes;
      return defineClass(name, used, 0, used.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOfDataPlane(String name) {
    return name.startsWith("io.gatehouse.gateway.");
  }

  private static byte[] withCounters(byte[] bytes) {
    ClassFile files = ClassFile.of();
    var model = files.parse(bytes);
    String own = model.thisClass().asInternalName();
    return files.transformClass(
        model,
        ClassTransform.transformingMethodBodies((code, element) -> {
          if (element instanceof InvokeInstruction call && isToAnother(own, call)) {
            code.loadConstant(
                    own.substring(own.lastIndexOf('/') + 1)
                        + " > "
                        + shortName(call.owner().asInternalName())
                        + "."
                        + call.name().stringValue())
                .invokestatic(CALLS, "hit", HIT);
          }
          code.with(element);
        }));
  }

  private static String shortName(String internal) {
    return internal.substring(internal.lastIndexOf('/') + 1);
  }

  private static boolean isToAnother(String own, InvokeInstruction call) {
    String owner = call.owner().asInternalName();
    return owner.startsWith(OURS_INTERNAL) && !owner.equals(own);
  }
}
