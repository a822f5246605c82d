package dev.pluggable.bindings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * A host for a folder with bindings, and further objects of a test.
 */
final class BindingHost implements AutoCloseable {

	private final Path folder;

	private final List<AutoCloseable> others = new ArrayList<>();

	private ComponentHost host;

	BindingHost(Path folder) {
		this.folder = folder;
	}

	HostSettings settings(ComponentDeclaration... declarations) {
		return HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(declarations))
			.withEndpoints(new EndpointSettings(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(1),
					Duration.ofSeconds(2)));
	}

	static ComponentDeclaration declaration(String name, String type, boolean required, Map<String, String> metadata) {
		return new ComponentDeclaration(name, ComponentType.of(type), required, metadata, new ComponentSettings(
				Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(0), 4 * 1024 * 1024));
	}

	ComponentHost start(ComponentDeclaration... declarations) {
		return start(settings(declarations));
	}

	ComponentHost start(HostSettings settings) {
		this.host = new ComponentHost(settings);
		this.host.start();
		return this.host;
	}

	ComponentHost host() {
		return this.host;
	}

	FakeBindingServer server(String name) {
		return with(new FakeBindingServer(this.folder.resolve(name + ".sock")));
	}

	<T extends AutoCloseable> T with(T other) {
		this.others.add(other);
		return other;
	}

	List<String> ids() {
		return this.host.registry()
			.components()
			.stream()
			.filter((component) -> component.type().kind().equals("bindings"))
			.map(Component::id)
			.toList();
	}

	<T> Component<T> ready(ComponentKind<T> kind, String name) {
		await().until(() -> this.host.registry()
			.find(kind, name)
			.filter((component) -> component.status().state() == ComponentState.READY)
			.isPresent());
		return this.host.registry().find(kind, name).orElseThrow();
	}

	InputBinding input(String name) {
		return ready(InputBindingKind.INSTANCE, name).instance();
	}

	OutputBinding output(String name) {
		return ready(OutputBindingKind.INSTANCE, name).instance();
	}

	static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5));
	}

	/**
	 * Close all objects, and check that no thread of the product is left.
	 */
	@Override
	public void close() throws Exception {
		if (this.host != null) {
			this.host.close();
		}
		for (AutoCloseable other : this.others) {
			other.close();
		}
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-") && thread.isAlive()));
	}

}
