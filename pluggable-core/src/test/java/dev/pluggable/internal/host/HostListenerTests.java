package dev.pluggable.internal.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentEvent.Change;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.host.TestHost.FakeSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HostListener} and {@link HostRegistry}, without sockets.
 */
class HostListenerTests {

	private final TestHost host = new TestHost();

	private final FakeSource source = new FakeSource(this.host.endpoints.claims("socket"));

	private final List<Component<?>> changed = new ArrayList<>();

	private final List<String> reconciliations = new ArrayList<>();

	private boolean looking;

	private final HostListener listener = new HostListener(this.host.registry,
			new DiscoveredComponents(this.host.registry, this.host.endpoints, this.host.implementations,
					TestHost.SETTINGS, true, ApplicationIdentity.UNKNOWN),
			List.of(this.source),
			new Readiness(this.host.thread.thread(), this.host.registry, this.host.endpoints, List.of(this.source)),
			() -> this.reconciliations.add("requested"), () -> this.looking, this.changed::add);

	@AfterEach
	void close() {
		this.host.close();
	}

	@Test
	void whenAComponentGoesAndReturnsThenTheRegistryFollows() {
		Component<?> guest = this.host.component("guest", false, false);
		this.host.events.clear();
		tell(guest, ComponentState.READY);
		assertThat(this.host.registry.components()).isEqualTo(List.of(guest));
		tell(guest, ComponentState.GONE);
		assertThat(this.host.registry.components()).isEmpty();
		tell(guest, ComponentState.GONE);
		tell(guest, ComponentState.READY);
		assertThat(this.host.registry.components()).isEqualTo(List.of(guest));
		assertThat(this.host.events).extracting(ComponentEvent::change)
			.containsExactly(Change.CHANGED, Change.REMOVED, Change.ADDED);
		assertThat(this.changed).hasSize(4).containsOnly(guest);
	}

	@Test
	void whenTheHostLooksForTheFirstTimeOrASourceStartsAnEndpointThenTheEndpointIsComing() {
		Endpoint endpoint = this.host.endpoints.get("guest");
		assertThat(this.listener.isComing(endpoint)).isFalse();
		this.looking = true;
		assertThat(this.listener.isComing(endpoint)).isTrue();
		this.looking = false;
		this.source.settled.put("guest", false);
		assertThat(this.listener.isComing(endpoint)).isTrue();
	}

	@Test
	void whenAnEndpointChangesThenItsSourcesHearOfIt() {
		Endpoint endpoint = this.host.endpoints.get("guest");
		this.listener.changed(endpoint);
		this.listener.initialized(endpoint);
		assertThat(this.source.changed).containsExactly(endpoint, endpoint);
		// Only a lost connection triggers a reconciliation at once.
		assertThat(this.reconciliations).isEmpty();
	}

	@Test
	void whenAnEndpointIsIdentifiedThenItsKindsArePublished() {
		this.listener.identified(this.host.endpoints.get("guest"),
				Set.copyOf(this.host.registry.kinds().get(0).services()));
		assertThat(this.host.registry.components()).extracting(Component::name).containsExactly("guest");
	}

	private void tell(Component<?> component, ComponentState state) {
		ComponentStatus status = new ComponentStatus(state, null, Set.of(), 1, ProbeResult.NONE,
				this.host.thread.time().instant());
		this.host.thread
			.run(() -> this.listener.componentChanged(new ComponentEvent(Change.CHANGED, component, status)));
	}

}
