package dev.pluggable.spring.contract;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import dev.pluggable.contract.ContractKind;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/**
 * Registers the kinds of {@link EnableContract}. Each kind is a plain class with a
 * constructor, so that it needs no reflection after processing ahead of time.
 */
class ContractRegistrar implements ImportBeanDefinitionRegistrar {

	@Override
	public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
		for (MergedAnnotation<EnableContract> annotation : annotations(metadata)) {
			for (Class<?> contract : annotation.getClassArray("value")) {
				register(contract, metadata.getClassName(), registry);
			}
		}
	}

	private static List<MergedAnnotation<EnableContract>> annotations(AnnotationMetadata metadata) {
		List<MergedAnnotation<EnableContract>> annotations = new ArrayList<>();
		metadata.getAnnotations().stream(EnableContract.class).forEach(annotations::add);
		MergedAnnotation<EnableContracts> several = metadata.getAnnotations().get(EnableContracts.class);
		if (several.isPresent()) {
			annotations.addAll(List.of(several.getAnnotationArray("value", EnableContract.class)));
		}
		return annotations;
	}

	private static void register(Class<?> contract, String source, BeanDefinitionRegistry registry) {
		Class<? extends ContractKind<?>> kind = ContractKinds.find(contract);
		if (kind == null) {
			throw new IllegalStateException("@EnableContract of " + source + " names " + contract.getName()
					+ ", which is not a generated interface: it has no @Contract");
		}
		String name = kind.getName();
		if (registry.containsBeanDefinition(name)) {
			return;
		}
		RootBeanDefinition definition = new RootBeanDefinition(kind);
		Class<?> initializer = initializer(kind);
		if (initializer != null) {
			RootBeanDefinition supplier = new RootBeanDefinition(BeanOfType.class);
			supplier.setTargetType(ResolvableType.forClassWithGenerics(BeanOfType.class, initializer));
			supplier.getConstructorArgumentValues().addIndexedArgumentValue(0, initializer);
			supplier.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
			definition.getConstructorArgumentValues().addIndexedArgumentValue(0, supplier);
		}
		registry.registerBeanDefinition(name, definition);
	}

	/**
	 * Return the type of the bean that a kind needs for its initialising call.
	 */
	private static @Nullable Class<?> initializer(Class<?> kind) {
		Constructor<?> constructor = ClassUtils.getConstructorIfAvailable(kind, Supplier.class);
		return (constructor != null) ? ResolvableType.forConstructorParameter(constructor, 0).getGeneric(0).resolve()
				: null;
	}

}
