package dev.milonga.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.ClassFileVersion;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import net.bytebuddy.dynamic.scaffold.InstrumentedType;
import net.bytebuddy.dynamic.scaffold.subclass.ConstructorStrategy;
import net.bytebuddy.implementation.FieldAccessor;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.MethodCall;
import net.bytebuddy.implementation.bytecode.ByteCodeAppender;
import net.bytebuddy.implementation.bytecode.Duplication;
import net.bytebuddy.implementation.bytecode.Removal;
import net.bytebuddy.implementation.bytecode.StackManipulation;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import net.bytebuddy.implementation.bytecode.assign.TypeCasting;
import net.bytebuddy.implementation.bytecode.collection.ArrayFactory;
import net.bytebuddy.implementation.bytecode.constant.IntegerConstant;
import net.bytebuddy.implementation.bytecode.member.FieldAccess;
import net.bytebuddy.implementation.bytecode.member.MethodInvocation;
import net.bytebuddy.implementation.bytecode.member.MethodReturn;
import net.bytebuddy.implementation.bytecode.member.MethodVariableAccess;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.matcher.ElementMatchers;
import org.jspecify.annotations.Nullable;
import org.objenesis.ObjenesisStd;
import org.objenesis.instantiator.ObjectInstantiator;

/**
 * Generates the proxy of a replicated class: all of the code generation is here, and what it
 * generates only forwards. The proxy is a subclass, defined beside the class it extends:
 *
 * <pre>{@code
 * final class Inventory$Replicated extends Inventory implements Proxied {
 *   private ObjectHandle milonga$handle;
 *
 *   public boolean take(String sku, int n) {                          // mutator 1
 *     return (boolean) milonga$handle.mutate(1, new Object[] {sku, n});
 *   }
 *
 *   public Item item(String sku) {                                    // accessor 0
 *     Object state = milonga$handle.upToDateState();
 *     if (state != null) {
 *       return (Item) milonga$handle.detach(((Inventory) state).item(sku), 0);
 *     }
 *     return (Item) milonga$handle.access(0, new Object[] {sku});
 *   }
 * }
 * }</pre>
 *
 * <p>No constructor of the class runs for a proxy; its inherited fields stay empty, and the class
 * check has made sure that nothing that runs on the proxy looks at them.
 */
final class ProxyClasses {

  private static final String HANDLE = "milonga$handle";
  private static final TypeDescription OBJECT = TypeDescription.ForLoadedType.of(Object.class);
  private static final MethodDescription UP_TO_DATE_STATE = handleMethod("upToDateState");
  private static final MethodDescription DETACH = handleMethod("detach");
  private static final MethodDescription ACCESS = handleMethod("access");
  private static final MethodDescription MUTATE = handleMethod("mutate");
  private static final MethodDescription BLOCK = handleMethod("block");

  // One proxy class per class, whichever store asks, for as long as the class itself is loaded: a
  // second one could not be defined under its name. Holds nothing that is not a function of the
  // key.
  private static final ClassValue<ProxyClass> CLASSES =
      new ClassValue<>() {
        @Override
        protected ProxyClass computeValue(Class<?> raw) {
          return new ProxyClass();
        }
      };

  private ProxyClasses() {}

  /** A new proxy that forwards to {@code handle}. */
  static <T> T newProxy(BoundType<T> type, ObjectHandle<T> handle) {
    Class<T> raw = type.model().rawClass();
    Object proxy = CLASSES.get(raw).instantiator(type).newInstance();
    ((Proxied) proxy).milongaHandle(handle);
    // Like the end of a constructor with a final field: however the proxy reaches another thread,
    // that thread sees its handle.
    VarHandle.storeStoreFence();
    return raw.cast(proxy);
  }

  private static ObjectInstantiator<?> define(BoundType<?> type) {
    Class<?> raw = type.model().rawClass();
    DynamicType.Builder<?> proxy =
        new ByteBuddy(ClassFileVersion.JAVA_V17)
            .subclass(raw, ConstructorStrategy.Default.NO_CONSTRUCTORS)
            .name(raw.getName() + "$Replicated")
            .modifiers(Modifier.FINAL | Opcodes.ACC_SYNTHETIC)
            .defineField(HANDLE, ObjectHandle.class, Visibility.PRIVATE)
            .implement(Proxied.class)
            .method(ElementMatchers.named("milongaHandle"))
            .intercept(FieldAccessor.ofField(HANDLE));
    for (int i = 0; i < type.mutators().size(); i++) {
      Method method = type.mutator(i).model().method();
      proxy = override(proxy, method, forwarding(new ForwardMutator(i, method)));
    }
    for (int i = 0; i < type.accessors().size(); i++) {
      Method method = type.accessor(i).model().method();
      proxy = override(proxy, method, forwarding(new ForwardAccessor(i, method, raw)));
    }
    for (int i = 0; i < type.model().transactional().size(); i++) {
      Method method = type.model().transactional().get(i).method();
      proxy = override(proxy, method, forwarding(new ForwardBlock(i)));
    }
    if (inheritsToString(raw)) {
      proxy =
          proxy
              .method(ElementMatchers.isToString())
              .intercept(MethodCall.invoke(ElementMatchers.isToString()).onField(HANDLE));
    }
    try (DynamicType.Unloaded<?> made = proxy.make()) {
      MethodHandles.Lookup beside = MethodHandles.privateLookupIn(raw, MethodHandles.lookup());
      Class<?> defined =
          made.load(raw.getClassLoader(), ClassLoadingStrategy.UsingLookup.of(beside)).getLoaded();
      return new ObjenesisStd(false).getInstantiatorOf(defined);
    } catch (IllegalAccessException e) {
      throw new IncompatibleTypeException(
          "class " + raw.getName(),
          List.of(
              "no proxy can be defined in its package ("
                  + e.getMessage()
                  + "); open the package to the object runtime in the module's declaration"));
    }
  }

  private static DynamicType.Builder<?> override(
      DynamicType.Builder<?> proxy, Method method, Implementation body) {
    return proxy
        .defineMethod(
            method.getName(),
            method.getReturnType(),
            method.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED))
        .withParameters((Type[]) method.getParameterTypes())
        .throwing((Type[]) method.getExceptionTypes())
        .intercept(body);
  }

  /**
   * {@code (proxy, arguments)}: what {@code method} of {@code raw}, a class or an interface, does
   * where the proxy has not overridden it.
   */
  static MethodHandle superCall(Class<?> raw, Object proxy, Method method) {
    return CLASSES
        .get(raw)
        .superCalls
        .computeIfAbsent(method, body -> findSuperCall(raw, proxy.getClass(), body));
  }

  private static MethodHandle findSuperCall(Class<?> raw, Class<?> proxyClass, Method method) {
    try {
      return MethodHandles.privateLookupIn(proxyClass, MethodHandles.lookup())
          .findSpecial(
              raw,
              method.getName(),
              MethodType.methodType(method.getReturnType(), method.getParameterTypes()),
              proxyClass)
          .asFixedArity()
          .asSpreader(Object[].class, method.getParameterCount())
          .asType(MethodType.methodType(Object.class, Object.class, Object[].class));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(method + " cannot be called on its proxy", e);
    }
  }

  private static boolean inheritsToString(Class<?> raw) {
    if (raw.isInterface()) {
      return true; // the proxy's superclass is Object, and an interface has no body for it
    }
    try {
      return raw.getMethod("toString").getDeclaringClass() == Object.class;
    } catch (NoSuchMethodException e) {
      throw new AssertionError("every class has toString()", e);
    }
  }

  private static Implementation forwarding(ByteCodeAppender body) {
    return new Implementation() {
      @Override
      public InstrumentedType prepare(InstrumentedType instrumentedType) {
        return instrumentedType;
      }

      @Override
      public ByteCodeAppender appender(Target target) {
        return body;
      }
    };
  }

  private static MethodDescription handleMethod(String name) {
    return TypeDescription.ForLoadedType.of(ObjectHandle.class)
        .getDeclaredMethods()
        .filter(ElementMatchers.named(name))
        .getOnly();
  }

  private static StackManipulation loadHandle(Implementation.Context context) {
    FieldDescription field =
        context
            .getInstrumentedType()
            .getDeclaredFields()
            .filter(ElementMatchers.named(HANDLE))
            .getOnly();
    return new StackManipulation.Compound(
        MethodVariableAccess.loadThis(), FieldAccess.forField(field).read());
  }

  // handle.method(first, new Object[] {arguments}), cast or unboxed to what the method returns.
  private static StackManipulation callHandle(
      Implementation.Context context,
      MethodDescription target,
      StackManipulation first,
      MethodDescription method) {
    List<StackManipulation> arguments = new ArrayList<>();
    method
        .getParameters()
        .forEach(
            parameter ->
                arguments.add(
                    new StackManipulation.Compound(
                        MethodVariableAccess.load(parameter),
                        Assigner.DEFAULT.assign(
                            parameter.getType(), OBJECT.asGenericType(), Assigner.Typing.STATIC))));
    return new StackManipulation.Compound(
        loadHandle(context),
        first,
        ArrayFactory.forType(OBJECT.asGenericType()).withValues(arguments),
        MethodInvocation.invoke(target),
        Assigner.DEFAULT.assign(
            OBJECT.asGenericType(), method.getReturnType(), Assigner.Typing.DYNAMIC),
        MethodReturn.of(method.getReturnType()));
  }

  /** The proxy class of one class, defined when the first proxy is made. */
  private static final class ProxyClass {

    private @Nullable ObjectInstantiator<?> instantiator; // guarded by this

    // Of the transactional methods that were called so far: a handle costs microseconds to make.
    private final ConcurrentHashMap<Method, MethodHandle> superCalls = new ConcurrentHashMap<>();

    synchronized ObjectInstantiator<?> instantiator(BoundType<?> type) {
      ObjectInstantiator<?> known = instantiator;
      if (known == null) {
        known = define(type);
        instantiator = known;
      }
      return known;
    }
  }

  private record ForwardMutator(int index, Method method) implements ByteCodeAppender {

    @Override
    public Size apply(
        MethodVisitor visitor, Implementation.Context context, MethodDescription instrumented) {
      StackManipulation.Size size =
          callHandle(context, MUTATE, IntegerConstant.forValue(index), instrumented)
              .apply(visitor, context);
      return new Size(size.getMaximalSize(), instrumented.getStackSize());
    }
  }

  private record ForwardBlock(int index) implements ByteCodeAppender {

    @Override
    public Size apply(
        MethodVisitor visitor, Implementation.Context context, MethodDescription instrumented) {
      StackManipulation indexAndProxy =
          new StackManipulation.Compound(
              IntegerConstant.forValue(index), MethodVariableAccess.loadThis());
      StackManipulation.Size size =
          callHandle(context, BLOCK, indexAndProxy, instrumented).apply(visitor, context);
      return new Size(size.getMaximalSize(), instrumented.getStackSize());
    }
  }

  private record ForwardAccessor(int index, Method method, Class<?> raw)
      implements ByteCodeAppender {

    @Override
    public Size apply(
        MethodVisitor visitor, Implementation.Context context, MethodDescription instrumented) {
      int stackMax = 0;
      if (canCallDirectly()) {
        stackMax = callDirectly(visitor, context, instrumented);
      }
      StackManipulation.Size indirect =
          callHandle(context, ACCESS, IntegerConstant.forValue(index), instrumented)
              .apply(visitor, context);
      return new Size(Math.max(stackMax, indirect.getMaximalSize()), instrumented.getStackSize());
    }

    // A protected or package-private method of a superclass in another package cannot be called on
    // an object other than this; it takes the way through the handle.
    private boolean canCallDirectly() {
      return Modifier.isPublic(method.getModifiers())
          || method.getDeclaringClass().getPackageName().equals(raw.getPackageName());
    }

    private int callDirectly(
        MethodVisitor visitor, Implementation.Context context, MethodDescription instrumented) {
      Label notUpToDate = new Label();
      int stackMax =
          new StackManipulation.Compound(
                  loadHandle(context),
                  MethodInvocation.invoke(UP_TO_DATE_STATE),
                  Duplication.SINGLE)
              .apply(visitor, context)
              .getMaximalSize();
      visitor.visitJumpInsn(Opcodes.IFNULL, notUpToDate);
      TypeDescription type = TypeDescription.ForLoadedType.of(raw);
      StackManipulation.Size direct =
          new StackManipulation.Compound(
                  TypeCasting.to(type),
                  MethodVariableAccess.allArgumentsOf(instrumented),
                  MethodInvocation.invoke(new MethodDescription.ForLoadedMethod(method))
                      .virtual(type),
                  detached(context, instrumented),
                  MethodReturn.of(instrumented.getReturnType()))
              .apply(visitor, context);
      visitor.visitLabel(notUpToDate);
      context.getFrameGeneration().same1(visitor, OBJECT, locals(context, instrumented));
      Removal.SINGLE.apply(visitor, context);
      return Math.max(stackMax, direct.getMaximalSize() + 3);
    }

    private static List<TypeDescription> locals(
        Implementation.Context context, MethodDescription instrumented) {
      List<TypeDescription> locals = new ArrayList<>();
      locals.add(context.getInstrumentedType());
      locals.addAll(instrumented.getParameters().asTypeList().asErasures());
      return locals;
    }

    // What is primitive or a string is handed out as it is; whether anything else is, the handle
    // knows, since it depends on type arguments.
    private StackManipulation detached(
        Implementation.Context context, MethodDescription instrumented) {
      Class<?> returned = method.getReturnType();
      if (returned.isPrimitive() || returned == String.class) {
        return StackManipulation.Trivial.INSTANCE;
      }
      return new StackManipulation.Compound(
          loadHandle(context),
          Swap.INSTANCE,
          IntegerConstant.forValue(index),
          MethodInvocation.invoke(DETACH),
          TypeCasting.to(instrumented.getReturnType().asErasure()));
    }
  }

  /** Swaps the two topmost references. */
  private enum Swap implements StackManipulation {
    INSTANCE;

    @Override
    public boolean isValid() {
      return true;
    }

    @Override
    public Size apply(MethodVisitor visitor, Implementation.Context context) {
      visitor.visitInsn(Opcodes.SWAP);
      return Size.ZERO;
    }
  }
}
