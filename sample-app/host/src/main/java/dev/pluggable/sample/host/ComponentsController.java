package dev.pluggable.sample.host;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Lists all components: declared, discovered and built-in ones.
 */
@RestController
class ComponentsController {

	private final ComponentRegistry registry;

	ComponentsController(ComponentRegistry registry) {
		this.registry = registry;
	}

	@GetMapping("/components")
	List<ComponentView> components() {
		return this.registry.components().stream().map(ComponentView::of).toList();
	}

	/**
	 * A component, as the list shows it.
	 *
	 * @param name its name
	 * @param kind name of its kind
	 * @param type kind and implementation
	 * @param state its state
	 * @param reason why it is not ready, {@code null} if it is
	 * @param features the features that the component reported
	 * @param declared whether this application declares it
	 * @param endpoint name of its endpoint, {@code null} if it is built in
	 */
	record ComponentView(String name, String kind, String type, ComponentState state, @Nullable String reason,
			Set<String> features, boolean declared, @Nullable String endpoint) {

		static ComponentView of(Component<?> component) {
			ComponentStatus status = component.status();
			return new ComponentView(component.name(), component.kind().name(), component.type().toString(),
					status.state(), status.reason(), new TreeSet<>(status.features()), component.declared(),
					component.endpoint());
		}

	}

}
