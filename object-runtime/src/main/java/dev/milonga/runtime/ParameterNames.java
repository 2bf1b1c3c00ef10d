package dev.milonga.runtime;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Names of parameters, as far as the compiler has recorded them. */
final class ParameterNames {

  private ParameterNames() {}

  /**
   * From the class file's list of parameters ({@code -parameters}), else from its debug
   * information, of the method or one that it overrides; else {@code arg0}, {@code arg1} …
   */
  static List<String> of(MethodTable.Entry entry, ClassFiles files) {
    int count = entry.method().getParameterCount();
    return entry.declarations().stream()
        .map(declaration -> recorded(declaration, files))
        .filter(names -> names.size() == count)
        .findFirst()
        .orElseGet(() -> IntStream.range(0, count).mapToObj(i -> "arg" + i).toList());
  }

  private static List<String> recorded(Method method, ClassFiles files) {
    Map<Integer, String> variables =
        files
            .find(ClassFiles.internalName(method.getDeclaringClass()))
            .map(file -> file.methods().get(MethodTable.key(method)))
            .map(ClassFile.Code::variables)
            .orElse(Map.of());
    List<String> names = new ArrayList<>();
    int slot = Modifier.isStatic(method.getModifiers()) ? 0 : 1;
    for (Parameter parameter : method.getParameters()) {
      String name = parameter.isNamePresent() ? parameter.getName() : variables.get(slot);
      if (name != null) {
        names.add(name);
      }
      Class<?> type = parameter.getType();
      slot += type == long.class || type == double.class ? 2 : 1;
    }
    return names;
  }
}
