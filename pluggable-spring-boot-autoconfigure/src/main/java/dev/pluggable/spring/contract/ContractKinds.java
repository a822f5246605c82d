package dev.pluggable.spring.contract;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import dev.pluggable.contract.Contract;
import dev.pluggable.contract.ContractKind;
import dev.pluggable.contract.ContractObject;
import io.grpc.ServerServiceDefinition;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.util.ClassUtils;

/**
 * The kinds of generated interfaces.
 *
 * @since 0.1.0
 */
public final class ContractKinds {

	private ContractKinds() {
	}

	/**
	 * Find the kinds of an implementation.
	 * @param implementation a class
	 * @return the kinds of the generated interfaces that the class implements
	 */
	public static List<Class<? extends ContractKind<?>>> of(Class<?> implementation) {
		Set<Class<? extends ContractKind<?>>> kinds = new LinkedHashSet<>();
		for (Class<?> type : ClassUtils.getAllInterfacesForClassAsSet(implementation)) {
			Class<? extends ContractKind<?>> kind = find(type);
			if (kind != null) {
				kinds.add(kind);
			}
		}
		return List.copyOf(kinds);
	}

	/**
	 * Find the kind of a generated interface.
	 * @param type an interface
	 * @return the kind, {@code null} if the interface is not generated
	 */
	static @Nullable Class<? extends ContractKind<?>> find(Class<?> type) {
		Contract contract = type.getAnnotation(Contract.class);
		return (contract != null) ? contract.kind() : null;
	}

	/**
	 * Create the services that call an implementation of generated interfaces.
	 * @param implementation the implementation
	 * @return the services of all its interfaces
	 */
	public static List<ServerServiceDefinition> bind(ContractObject implementation) {
		List<ServerServiceDefinition> services = new ArrayList<>();
		for (Class<? extends ContractKind<?>> type : of(implementation.getClass())) {
			ContractKind<?> kind = BeanUtils.instantiateClass(type);
			services.addAll(bind(kind, implementation));
		}
		return List.copyOf(services);
	}

	private static <T extends ContractObject> List<ServerServiceDefinition> bind(ContractKind<T> kind,
			ContractObject implementation) {
		T instance = kind.type().cast(implementation);
		return kind.bind(() -> instance);
	}

}
