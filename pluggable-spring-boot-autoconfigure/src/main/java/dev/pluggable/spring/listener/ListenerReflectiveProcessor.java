package dev.pluggable.spring.listener;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Type;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.annotation.ReflectiveProcessor;
import org.springframework.core.ResolvableType;

/**
 * Registers the hints for a native image that calls listener methods and converts the
 * parameters and results of the methods.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ListenerReflectiveProcessor implements ReflectiveProcessor {

	private final BindingReflectionHintsRegistrar bindings = new BindingReflectionHintsRegistrar();

	@Override
	public void registerReflectionHints(ReflectionHints hints, AnnotatedElement element) {
		if (!(element instanceof Method method)) {
			return;
		}
		hints.registerMethod(method, ExecutableMode.INVOKE);
		for (Type type : method.getGenericParameterTypes()) {
			register(hints, type);
		}
		register(hints, method.getGenericReturnType());
	}

	private void register(ReflectionHints hints, Type type) {
		Class<?> raw = ResolvableType.forType(type).toClass();
		for (ResolvableType generic : ResolvableType.forType(type).getGenerics()) {
			register(hints, generic.getType());
		}
		if (!raw.getName().startsWith("java.") && !raw.getName().startsWith("org.springframework.")
				&& !raw.getName().matches("dev\\.pluggable\\.(pubsub|bindings)\\.\\w+") && !raw.isPrimitive()
				&& !raw.isArray()) {
			this.bindings.registerReflectionHints(hints, type);
		}
	}

}
