package dev.pluggable.internal.supervisor;

import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointTarget;
import org.jspecify.annotations.Nullable;

/**
 * Leads to a real {@link Endpoint}.
 */
final class EndpointOfPlugin implements PluginEndpoint {

	private final Endpoint endpoint;

	EndpointOfPlugin(Endpoint endpoint) {
		this.endpoint = endpoint;
	}

	@Override
	public void start() {
		this.endpoint.start();
	}

	@Override
	public void stop(String reason) {
		this.endpoint.stop(reason);
	}

	@Override
	public void waitFor(String what) {
		this.endpoint.waitFor(what);
	}

	@Override
	public void connect(EndpointTarget target) {
		this.endpoint.update(target);
	}

	@Override
	public void prepare(EndpointTarget target) {
		this.endpoint.prepare(target);
	}

	@Override
	public void handOver() {
		this.endpoint.handOver();
	}

	@Override
	public void abandon(String reason) {
		this.endpoint.disconnect(reason);
	}

	@Override
	public void awaitProcess(String reason) {
		this.endpoint.withdraw(EndpointState.WAITING, reason);
	}

	@Override
	public void fail(String reason) {
		this.endpoint.withdraw(EndpointState.FAILED, reason);
	}

	@Override
	public void revert(EndpointTarget target) {
		this.endpoint.revert(target);
	}

	@Override
	public boolean isSettledOn(EndpointTarget target) {
		return this.endpoint.isSettledOn(target);
	}

	@Override
	public boolean isReadyOn(EndpointTarget target) {
		return this.endpoint.isReadyOn(target);
	}

	@Override
	public boolean isConnectedTo(EndpointTarget target) {
		return this.endpoint.isConnectedTo(target);
	}

	@Override
	public @Nullable String problem() {
		return this.endpoint.problem();
	}

	@Override
	public boolean needsDeclaration() {
		return this.endpoint.needsDeclaration();
	}

	@Override
	public EndpointStatus status() {
		return this.endpoint.status();
	}

}
