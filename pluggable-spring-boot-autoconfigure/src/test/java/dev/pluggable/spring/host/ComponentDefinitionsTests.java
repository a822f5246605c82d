package dev.pluggable.spring.host;

import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.OutputBinding;
import dev.pluggable.bindings.OutputBindingKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.Mockito.mock;

class ComponentDefinitionsTests {

	private static final ComponentType TYPE = ComponentType.of("bindings.queue");

	private final DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();

	private final ComponentDefinitions definitions = new ComponentDefinitions(this.beanFactory, "host");

	private final InputBinding input = mock(InputBinding.class);

	private final OutputBinding output = mock(OutputBinding.class);

	@BeforeEach
	void declare() {
		this.beanFactory.registerSingleton("host", "no host: a bound definition does not ask it");
		this.definitions.registerDeclared(InputBindingKind.INSTANCE, "queue", TYPE);
		this.definitions.registerDeclared(OutputBindingKind.INSTANCE, "queue", TYPE);
	}

	@Test
	void whenADefinitionIsBoundThenItKeepsItsComponentWithoutAskingTheHost() {
		assertThat(this.definitions.bind(List.of(component(InputBindingKind.INSTANCE, this.input),
				component(OutputBindingKind.INSTANCE, this.output))))
			.isEmpty();
		assertThat(this.beanFactory.getBean("queue.input-bindings")).isSameAs(this.input);
		assertThat(this.beanFactory.getBean("queue.output-bindings")).isSameAs(this.output);
	}

	@Test
	void whenTheHostDoesNotHaveAComponentThenItsDefinitionIsRemovedUntilTheHostHasIt() {
		assertThat(this.definitions.bind(List.of(component(OutputBindingKind.INSTANCE, this.output))))
			.containsExactly("queue.input-bindings");
		assertThat(this.beanFactory.getBeanNamesForType(InputBinding.class)).isEmpty();
		this.definitions.register(component(InputBindingKind.INSTANCE, this.input));
		assertThat(this.beanFactory.getBean(InputBinding.class)).isSameAs(this.input);
	}

	private static <T> Component<?> component(ComponentKind<T> kind, T instance) {
		Component<?> component = mock(Component.class);
		given(component.id()).willReturn("queue." + kind.name());
		given(component.name()).willReturn("queue");
		given(component.type()).willReturn(TYPE);
		given(component.declared()).willReturn(true);
		willReturn(kind).given(component).kind();
		willReturn(instance).given(component).instance();
		return component;
	}

}
