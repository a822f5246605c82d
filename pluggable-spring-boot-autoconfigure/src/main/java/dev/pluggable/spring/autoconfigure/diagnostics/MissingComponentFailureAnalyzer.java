package dev.pluggable.spring.autoconfigure.diagnostics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

import dev.pluggable.Component;
import dev.pluggable.ComponentKind;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.Order;
import org.springframework.util.StringUtils;

/**
 * Failure analyzer for an injected component that the application does not declare and
 * the host has not discovered yet. The analyzer runs before the analyzer of Spring Boot,
 * which knows nothing about components.
 */
@Order(0)
class MissingComponentFailureAnalyzer extends AbstractInjectionFailureAnalyzer<NoSuchBeanDefinitionException> {

	private static final String NAMED = "jakarta.inject.Named";

	private final @Nullable BeanFactory beanFactory;

	MissingComponentFailureAnalyzer(@Nullable BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause,
			@Nullable String description) {
		ResolvableType type = cause.getResolvableType();
		if (cause.getNumberOfBeansFound() != 0 || type == null) {
			return null;
		}
		ComponentHost host = HostReference.find(this.beanFactory);
		if (host == null) {
			return null;
		}
		for (ComponentKind<?> kind : host.registry().kinds()) {
			if (kind.type().equals(type.resolve())) {
				String who = (description != null) ? description : "A component";
				return analyze(host, kind, who, qualifier(rootFailure), cause);
			}
		}
		return null;
	}

	private @Nullable String qualifier(Throwable rootFailure) {
		InjectionPoint injectionPoint = null;
		UnsatisfiedDependencyException failure = findCause(rootFailure, UnsatisfiedDependencyException.class);
		while (failure != null) {
			injectionPoint = failure.getInjectionPoint();
			failure = findCause(failure.getCause(), UnsatisfiedDependencyException.class);
		}
		if (injectionPoint == null) {
			return null;
		}
		MergedAnnotations annotations = MergedAnnotations.from(injectionPoint.getAnnotations());
		String value = annotations.get(Qualifier.class).getValue("value", String.class).orElse("");
		if (!StringUtils.hasText(value)) {
			value = annotations.get(NAMED).getValue("value", String.class).orElse("");
		}
		return StringUtils.hasText(value) ? value : null;
	}

	private static FailureAnalysis analyze(ComponentHost host, ComponentKind<?> kind, String who,
			@Nullable String qualifier, Throwable cause) {
		Explanation description = new Explanation()
			.line(who + " required a " + kind.type().getName()
					+ ((qualifier != null) ? " with the qualifier '" + qualifier + "'" : "")
					+ ", and no such component exists yet.")
			.paragraph("An undeclared component becomes a bean only when the application discovers its socket.");
		Component<?> other = declaredAsOtherKind(host, kind, qualifier);
		EndpointStatus endpoint = (other == null) ? endpoint(host, qualifier) : null;
		if (other != null) {
			description.paragraph("The component '" + qualifier + "' of the type '" + other.type()
					+ "' is declared, but has only the kind '" + other.kind().name() + "'.");
		}
		if (endpoint != null) {
			description.paragraph((isPlugin(host, endpoint) ? "The plugin '" + endpoint.name() + "'"
					: "The socket " + socket(host, endpoint)) + " has this name, but: " + problem(host, kind, endpoint)
					+ ".");
		}
		description.list("Components of the kind '" + kind.name() + "' now:", components(host, kind), "none");
		description.folders(host.folders());
		return Explanation.analysis(description,
				(other != null) ? actionForOtherKind(kind, other) : action(host, kind, qualifier, endpoint), cause);
	}

	/**
	 * Return the path of a socket. The endpoint of a closed host may have no path.
	 */
	private static String socket(ComponentHost host, EndpointStatus endpoint) {
		if (endpoint.socket() != null) {
			return endpoint.socket().toString();
		}
		return host.folders()
			.stream()
			.flatMap((folder) -> folder.sockets().stream())
			.filter((socket) -> socket.name().equalsIgnoreCase(endpoint.name()))
			.map((socket) -> socket.path().toString())
			.findFirst()
			.orElse(endpoint.name());
	}

	/**
	 * Find a declared component of another kind. A declaration can match several kinds
	 * although the endpoint offers only some of them.
	 */
	private static @Nullable Component<?> declaredAsOtherKind(ComponentHost host, ComponentKind<?> kind,
			@Nullable String name) {
		return host.registry()
			.components()
			.stream()
			.filter((component) -> component.declared() && component.name().equals(name)
					&& component.kind().typePrefix().equals(kind.typePrefix()))
			.findFirst()
			.orElse(null);
	}

	private static Explanation actionForOtherKind(ComponentKind<?> kind, Component<?> other) {
		String metadata = PropertyOrigins.component(other.name(), "metadata");
		return new Explanation().line("Inject " + other.kind().type().getSimpleName() + " instead, or make sure that "
				+ ((other.endpoint() != null) ? "the process behind the socket '" + other.endpoint() + "' offers "
						: "the type offers ")
				+ kind.services() + " and that nothing in '" + metadata + "', such as 'direction', excludes the kind.");
	}

	private static @Nullable EndpointStatus endpoint(ComponentHost host, @Nullable String name) {
		return host.endpoints()
			.stream()
			.filter((endpoint) -> endpoint.name().equalsIgnoreCase(name))
			.findFirst()
			.orElse(null);
	}

	private static boolean isPlugin(ComponentHost host, EndpointStatus endpoint) {
		return host.plugins().status(endpoint.name()).isPresent();
	}

	private static String problem(ComponentHost host, ComponentKind<?> kind, EndpointStatus endpoint) {
		Map<String, String> conflicts = host.conflicts(endpoint.name());
		if (conflicts.containsKey(kind.name())) {
			return conflicts.get(kind.name());
		}
		if (endpoint.services().stream().anyMatch(kind.services()::contains)) {
			return "the application identified the endpoint too late, or 'pluggable.discovery.publish-undeclared' is false";
		}
		if (!endpoint.services().isEmpty()) {
			return "the endpoint does not offer this kind; its services are " + new TreeSet<>(endpoint.services());
		}
		if (isPlugin(host, endpoint)) {
			return "the plugin was not ready in time";
		}
		// The current state does not help, because the application is stopping.
		return (endpoint.lastError() != null) ? endpoint.lastError() : "the endpoint is not connected yet";
	}

	private static List<String> components(ComponentHost host, ComponentKind<?> kind) {
		List<String> components = new ArrayList<>();
		for (Component<?> component : host.registry().components()) {
			if (component.kind().name().equals(kind.name())) {
				components
					.add(component.name() + " (" + component.type() + (component.declared() ? ", declared)" : ")"));
			}
		}
		return components;
	}

	private static Explanation action(ComponentHost host, ComponentKind<?> kind, @Nullable String qualifier,
			@Nullable EndpointStatus endpoint) {
		String implementation = (endpoint != null) ? endpoint.name().toLowerCase(Locale.ROOT) : "<implementation>";
		String name = (qualifier != null) ? qualifier : "<name>";
		Explanation action = new Explanation().line("Declare the component, so that its bean exists before its socket:")
			.code(property(name) + "=" + kind.typePrefix() + "." + implementation);
		if (endpoint == null) {
			action.paragraph("The implementation is the name of the socket file without its extension, such as '"
					+ example(host) + "' for '" + example(host) + ".sock'" + (host.builtIns(kind).isEmpty() ? "."
							: ", or the name of a built-in implementation: " + host.builtIns(kind) + "."));
		}
		if (endpoint != null && isPlugin(host, endpoint)) {
			return action.paragraph("Alternatively, let the start of the application wait for the plugin:")
				.code(PropertyOrigins.plugin(endpoint.name(), "required") + "=true");
		}
		return action.paragraph("Alternatively, start the component first, or inject Components<"
				+ kind.type().getSimpleName() + "> or an ObjectProvider and look up the component later.");
	}

	private static String property(String name) {
		return name.startsWith("<") ? "pluggable.components." + name + ".type"
				: PropertyOrigins.component(name, "type");
	}

	/**
	 * Return an example of a socket name, preferably the name of an existing socket.
	 */
	private static String example(ComponentHost host) {
		return host.folders()
			.stream()
			.map(FolderStatus::sockets)
			.flatMap(List::stream)
			.map(SocketFile::name)
			.findFirst()
			.orElse("redis");
	}

}
