package dev.milonga.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ConstantDynamic;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/**
 * What a compiled class says about itself, as far as the check at open needs it: its fields, and of
 * each method the fields it touches, the methods it calls and the classes it instantiates.
 *
 * @param name the internal name, such as {@code java/util/Map$Entry}
 * @param superName the internal name of the superclass; null for {@code Object}
 * @param source the name of the source file, or of the class where that is not recorded
 * @param methods by {@link #key name and descriptor}
 */
record ClassFile(
    String name,
    @Nullable String superName,
    List<String> interfaces,
    String source,
    Map<String, Field> fields,
    Map<String, Code> methods) {

  /** A field. A constant is one whose value the compiler copies into the code that reads it. */
  record Field(String name, int access, boolean constant) {
    boolean is(int flag) {
      return (access & flag) != 0;
    }
  }

  /**
   * A method and the steps of its body, in order; no steps if it has no body.
   *
   * @param line the first line of the body, 0 if not recorded
   * @param throwing whether the body has a {@code throw}, be it the compiler's own
   * @param variables names of local variables by slot, as far as recorded
   */
  record Code(
      String name,
      String descriptor,
      int access,
      int line,
      List<Step> steps,
      boolean throwing,
      Map<Integer, String> variables) {
    boolean is(int flag) {
      return (access & flag) != 0;
    }

    String key() {
      return ClassFile.key(name, descriptor);
    }
  }

  /**
   * An instruction that leaves the method: a {@code GET…} or {@code PUT…} of a field, an {@code
   * INVOKE…}, or a {@code NEW}. A method reference or the body of a lambda expression counts as
   * called where it is created. In arrays the owner starts with {@code [}.
   */
  record Step(int opcode, String owner, String name, String descriptor, int line) {
    boolean isCall() {
      return opcode >= Opcodes.INVOKEVIRTUAL && opcode <= Opcodes.INVOKEINTERFACE;
    }

    /** Whether the class of the object decides which override is called. */
    boolean isDispatched() {
      return opcode == Opcodes.INVOKEVIRTUAL || opcode == Opcodes.INVOKEINTERFACE;
    }

    String key() {
      return ClassFile.key(name, descriptor);
    }
  }

  /** What identifies a method within its class. */
  static String key(String name, String descriptor) {
    return name + descriptor;
  }

  /** Where {@code line} is: {@code Inventory.java:12}, or the file alone if the line is 0. */
  String at(int line) {
    return line == 0 ? source : source + ":" + line;
  }

  /** Reads the bytes of a compiled class. */
  static ClassFile parse(byte[] bytes) {
    Parser parser = new Parser();
    OpenedClassReader.of(bytes).accept(parser, ClassReader.SKIP_FRAMES);
    return parser.result();
  }

  private static final class Parser extends ClassVisitor {

    private String name = "";
    private @Nullable String superName;
    private List<String> interfaces = List.of();
    private @Nullable String source;
    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final Map<String, Code> methods = new LinkedHashMap<>();

    Parser() {
      super(OpenedClassReader.ASM_API);
    }

    ClassFile result() {
      String file = source == null ? name.substring(name.lastIndexOf('/') + 1) : source;
      return new ClassFile(name, superName, interfaces, file, fields, methods);
    }

    @Override
    public void visit(
        int version,
        int access,
        String name,
        @Nullable String signature,
        @Nullable String superName,
        String @Nullable [] interfaces) {
      this.name = name;
      this.superName = superName;
      this.interfaces = interfaces == null ? List.of() : List.of(interfaces);
    }

    @Override
    public void visitSource(@Nullable String source, @Nullable String debug) {
      this.source = source;
    }

    @Override
    public @Nullable FieldVisitor visitField(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        @Nullable Object value) {
      fields.put(name, new Field(name, access, value != null));
      return null;
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      return new Body(access, name, descriptor, methods);
    }
  }

  private static final class Body extends MethodVisitor {

    private final int access;
    private final String name;
    private final String descriptor;
    private final Map<String, Code> methods;
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, String> variables = new LinkedHashMap<>();
    private boolean throwing;
    private int firstLine;
    private int line;

    Body(int access, String name, String descriptor, Map<String, Code> methods) {
      super(OpenedClassReader.ASM_API);
      this.access = access;
      this.name = name;
      this.descriptor = descriptor;
      this.methods = methods;
    }

    @Override
    public void visitLineNumber(int line, Label start) {
      this.line = line;
      if (firstLine == 0) {
        firstLine = line;
      }
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
      steps.add(new Step(opcode, owner, name, descriptor, line));
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      steps.add(new Step(opcode, owner, name, descriptor, line));
    }

    @Override
    public void visitInsn(int opcode) {
      throwing |= opcode == Opcodes.ATHROW;
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.NEW) {
        steps.add(new Step(opcode, type, "", "", line));
      }
    }

    @Override
    public void visitInvokeDynamicInsn(
        String name, String descriptor, Handle bootstrap, Object... arguments) {
      for (Object argument : arguments) {
        constant(argument);
      }
    }

    @Override
    public void visitLdcInsn(Object value) {
      constant(value);
    }

    private void constant(Object value) {
      if (value instanceof Handle handle) {
        handle(handle);
      } else if (value instanceof ConstantDynamic computed) {
        for (int i = 0; i < computed.getBootstrapMethodArgumentCount(); i++) {
          constant(computed.getBootstrapMethodArgument(i));
        }
      }
    }

    private void handle(Handle handle) {
      String owner = handle.getOwner();
      int opcode =
          switch (handle.getTag()) {
            case Opcodes.H_GETFIELD -> Opcodes.GETFIELD;
            case Opcodes.H_GETSTATIC -> Opcodes.GETSTATIC;
            case Opcodes.H_PUTFIELD -> Opcodes.PUTFIELD;
            case Opcodes.H_PUTSTATIC -> Opcodes.PUTSTATIC;
            case Opcodes.H_INVOKEVIRTUAL -> Opcodes.INVOKEVIRTUAL;
            case Opcodes.H_INVOKESTATIC -> Opcodes.INVOKESTATIC;
            case Opcodes.H_INVOKEINTERFACE -> Opcodes.INVOKEINTERFACE;
            case Opcodes.H_INVOKESPECIAL, Opcodes.H_NEWINVOKESPECIAL -> Opcodes.INVOKESPECIAL;
            default -> throw new AssertionError("unknown method handle: " + handle);
          };
      if (handle.getTag() == Opcodes.H_NEWINVOKESPECIAL) {
        steps.add(new Step(Opcodes.NEW, owner, "", "", line));
      }
      steps.add(new Step(opcode, owner, handle.getName(), handle.getDesc(), line));
    }

    @Override
    public void visitLocalVariable(
        String name,
        String descriptor,
        @Nullable String signature,
        Label start,
        Label end,
        int index) {
      variables.putIfAbsent(index, name);
    }

    @Override
    public void visitEnd() {
      methods.put(
          key(name, descriptor),
          new Code(name, descriptor, access, firstLine, steps, throwing, variables));
    }
  }

  /** A short, readable form of a method's name and erased parameter types. */
  static String signature(String name, String descriptor) {
    StringBuilder text = new StringBuilder(name).append('(');
    String separator = "";
    for (Type parameter : Type.getArgumentTypes(descriptor)) {
      String type = parameter.getClassName();
      text.append(separator).append(type.substring(type.lastIndexOf('.') + 1));
      separator = ", ";
    }
    return text.append(')').toString().replace('$', '.');
  }
}
