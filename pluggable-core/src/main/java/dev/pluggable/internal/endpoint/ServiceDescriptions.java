package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import dev.pluggable.internal.reflection.ContractComparison;
import dev.pluggable.internal.reflection.ReflectedServices;
import dev.pluggable.internal.reflection.ServiceKind;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.HostThread;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the descriptors of the services that the components of an endpoint need, on each
 * generation, and compares them with the contracts of the kinds. Calls do not wait for
 * this work, except those by descriptors. Belongs to the host's thread; the work itself
 * is done on the threads of handlers.
 */
final class ServiceDescriptions {

	private static final Logger logger = LoggerFactory.getLogger(ServiceDescriptions.class);

	private static final String NO_REFLECTION = "the server offers no reflection, so only generated stubs can call it";

	private final Endpoint endpoint;

	private final HostThread thread;

	private final Connector connector;

	private final List<RemoteComponent<?>> components;

	private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

	private HostThread.@Nullable Timer retry;

	/**
	 * Create the descriptions of an endpoint.
	 * @param endpoint the endpoint
	 * @param connector asks servers
	 * @param components the components of the endpoint
	 */
	ServiceDescriptions(Endpoint endpoint, Connector connector, List<RemoteComponent<?>> components) {
		this.endpoint = endpoint;
		this.thread = endpoint.context().thread();
		this.connector = connector;
		this.components = components;
	}

	/**
	 * Read the descriptors of a new current generation, unless nobody needs them or they
	 * are known.
	 * @param generation the current generation
	 */
	void read(Generation generation) {
		Set<String> offered = generation.services();
		if (offered == null) {
			CompletableFuture<ReflectedServices> none = CompletableFuture
				.failedFuture(Status.UNIMPLEMENTED.withDescription(NO_REFLECTION).asRuntimeException());
			generation.description(Set.of(), none);
			ended(generation, none);
			return;
		}
		Set<String> wanted = wanted(offered);
		if (!generation.described().containsAll(wanted)) {
			this.backoff.reset();
			read(generation, wanted);
		}
	}

	private Set<String> wanted(Set<String> offered) {
		Set<String> wanted = new LinkedHashSet<>();
		for (RemoteComponent<?> component : this.components) {
			if (component.kind() instanceof ServiceKind) {
				wanted.addAll(component.requiredServices());
			}
			component.kind().serviceDescriptors().forEach((service) -> wanted.add(service.getName()));
		}
		wanted.retainAll(offered);
		return wanted;
	}

	private void read(Generation generation, Set<String> wanted) {
		stop();
		CompletableFuture<ReflectedServices> description = new CompletableFuture<>();
		generation.description(wanted, description);
		Executor executor = executor();
		this.connector
			.describe(generation.internalChannel(null, this.endpoint.context().settings().connectTimeout(), executor),
					wanted)
			.whenComplete((services, failure) -> {
				if (services != null) {
					description.complete(services);
				}
				else {
					description
						.completeExceptionally((failure != null) ? failure : new NullPointerException("no services"));
				}
				ended(generation, description);
			});
	}

	/**
	 * Return the executor for the work of linking, which may take a while.
	 */
	private Executor executor() {
		Executor handlers = this.endpoint.context().handlers();
		return (task) -> {
			try {
				handlers.execute(task);
			}
			catch (RejectedExecutionException ex) {
				// The host has closed.
				task.run();
			}
		};
	}

	void stop() {
		if (this.retry != null) {
			this.retry.cancel();
			this.retry = null;
		}
	}

	/**
	 * Find the problems of the components. Runs on any thread.
	 */
	private void ended(Generation generation, CompletableFuture<ReflectedServices> description) {
		Map<RemoteComponent<?>, List<String>> problems = new LinkedHashMap<>();
		Throwable failure = description.handle((services, thrown) -> thrown).join();
		for (RemoteComponent<?> component : this.components) {
			if (failure == null) {
				problems.put(component, problems(component, description.join()));
			}
			else if (component.kind() instanceof ServiceKind) {
				problems.put(component,
						List.of((generation.services() == null) ? NO_REFLECTION
								: Reasons.initialization("the descriptors cannot be read", failure, component.secrets(),
										this.endpoint.context().settings().connectTimeout())));
			}
		}
		this.thread.execute("comparing contracts of " + this.endpoint, () -> {
			if (this.endpoint.current() == generation && !this.endpoint.isClosed()) {
				problems
					.forEach((component, found) -> this.endpoint.changed(component, component.contractProblems(found)));
				if (failure != null) {
					failed(generation, failure);
				}
			}
		});
	}

	private List<String> problems(RemoteComponent<?> component, ReflectedServices services) {
		List<String> problems = new ArrayList<>();
		for (String service : component.requiredServices()) {
			String problem = (component.kind() instanceof ServiceKind) ? services.problem(service) : null;
			if (problem != null) {
				problems.add(component.secrets().mask("the descriptors of " + service + " cannot be used: " + problem));
			}
		}
		for (ServiceDescriptor service : component.kind().serviceDescriptors()) {
			problems.addAll(ContractComparison.differences(service, services));
		}
		return problems;
	}

	private void failed(Generation generation, Throwable failure) {
		logger.debug("The descriptors of {} cannot be read", this.endpoint, failure);
		Status.Code code = Reasons.code(failure);
		if (generation.services() != null && code != Status.Code.UNIMPLEMENTED && code != Status.Code.RESOURCE_EXHAUSTED
				&& code != Status.Code.UNKNOWN) {
			this.retry = this.thread.schedule("reading the descriptors of " + this.endpoint,
					Duration.ofMillis(this.backoff.nextMillis()), () -> {
						if (this.endpoint.current() == generation && !generation.lost()) {
							read(generation, generation.described());
						}
					});
		}
	}

}
