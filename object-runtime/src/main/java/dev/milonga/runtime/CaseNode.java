package dev.milonga.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A sealed type of which some values can change: the logical name of the case, and the value. */
final class CaseNode extends StateNode {

  /** In place of the names of fields: the case is written as one immutable value. */
  private static final String WHOLE = "";

  private final Supplier<ValueCodec> values;
  private final Map<Class<?>, StateNode> byClass = new HashMap<>();
  private final Map<String, StateNode> byName = new HashMap<>();

  /**
   * @param values the codec by which values were written when all of them were immutable
   */
  CaseNode(Class<?> type, Supplier<ValueCodec> values) {
    super(type);
    this.values = values;
  }

  /**
   * Adds a case, while the node is compiled.
   *
   * @return the names of the case that another one has already
   */
  List<String> define(Class<?> type, StateNode node) {
    byClass.put(type, node);
    List<String> names = new ArrayList<>(LogicalNames.aliasesOf(type));
    names.add(LogicalNames.of(type));
    return names.stream().filter(name -> byName.putIfAbsent(name, node) != null).toList();
  }

  private StateNode caseOf(Object value) {
    // A constant with a body has a class of its own below that of its enum.
    Class<?> type =
        value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
    StateNode node = byClass.get(type);
    if (node == null) {
      throw new StateFailure(type.getName() + " is not one of the cases " + cases());
    }
    return node;
  }

  private TreeSet<String> cases() {
    return new TreeSet<>(byName.keySet());
  }

  @Override
  Object copyNew(IdentityTable<Object> copies, Object value, @Nullable Object made) {
    return caseOf(value).copyNew(copies, value, null);
  }

  @Override
  void writeNew(StateWriter out, Object value, boolean made) {
    StateNode node = caseOf(value);
    if (node instanceof ValueNode) {
      out.writeByte(StateWriter.OBJECT);
      out.writeLayout(List.of(LogicalNames.of(node.type()), WHOLE));
    }
    node.writeNew(out, value, false);
  }

  @Override
  @Nullable Object read(StateReader in, int token, @Nullable Object made) {
    return token == StateWriter.VALUE
        ? values().decode(in.readBytes())
        : super.read(in, token, made);
  }

  @Override
  ValueCodec values() {
    return values.get();
  }

  @Override
  Object readNew(StateReader in, int token, @Nullable Object made) {
    if (token != StateWriter.OBJECT) {
      throw in.unknown(token);
    }
    List<String> written = in.readLayout();
    StateNode node = byName.get(written.get(0));
    if (node == null) {
      throw new StateFailure(
          type().getName()
              + " has no case \""
              + written.get(0)
              + "\"; if it was renamed, list that name in the aliases of its @LogicalName");
    }
    boolean whole = written.size() == 2 && written.get(1).equals(WHOLE);
    Object value = whole ? node.read(in) : node.objects().readFields(in, written, null);
    if (value == null) {
      throw new StateFailure("null in place of a value of " + written.get(0));
    }
    return value;
  }
}
