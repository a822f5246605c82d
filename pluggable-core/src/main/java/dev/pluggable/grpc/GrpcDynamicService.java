package dev.pluggable.grpc;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.internal.reflection.DescribedClient;
import dev.pluggable.internal.reflection.ReflectedServices;
import dev.pluggable.internal.support.FailureCause;
import org.jspecify.annotations.Nullable;

/**
 * Calls a service by the descriptors of the current process.
 */
final class GrpcDynamicService implements DynamicService {

	private final ComponentClient client;

	private final DescribedClient described;

	private final String name;

	private final GrpcDynamicCalls<String> json;

	private final GrpcDynamicCalls<DynamicMessage> messages;

	/**
	 * The contract of the current or last process.
	 */
	private volatile @Nullable DynamicContract contract;

	GrpcDynamicService(ComponentClient client, DescribedClient described, String name) {
		this.client = client;
		this.described = described;
		this.name = name;
		this.json = new GrpcDynamicCalls<>(client, this, DynamicContract::json);
		this.messages = new GrpcDynamicCalls<>(client, this, DynamicContract::messages);
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public ServiceDescriptor descriptor() {
		return contract(null).service();
	}

	@Override
	public MethodDescriptor method(String name) {
		return contract(name).method(name);
	}

	@Override
	public String documentation(GenericDescriptor element) {
		return Documentation.of(element);
	}

	@Override
	public DynamicCalls<String> json() {
		return this.json;
	}

	@Override
	public DynamicCalls<DynamicMessage> messages() {
		return this.messages;
	}

	/**
	 * Return the contract if it is known without a wait.
	 * @return the contract, {@code null} if it must be waited for
	 */
	@Nullable DynamicContract known() {
		DynamicContract known = this.contract;
		CompletableFuture<ReflectedServices> reflected = this.described.reflected();
		if (reflected == null) {
			return known;
		}
		if (known != null && known.isOf(reflected)) {
			return known;
		}
		return (reflected.isDone() && !reflected.isCompletedExceptionally()) ? take(reflected, null) : null;
	}

	private DynamicContract take(CompletableFuture<ReflectedServices> reflected, @Nullable String operation) {
		ReflectedServices services = reflected.join();
		ServiceDescriptor service = services.service(this.name);
		if (service == null) {
			String problem = services.problem(this.name);
			throw unavailable(operation, "its descriptors cannot be used: "
					+ ((problem != null) ? problem : "the server does not describe " + this.name));
		}
		DynamicContract contract = new DynamicContract(this.client, reflected, service, services);
		this.contract = contract;
		return contract;
	}

	/**
	 * Return the contract, and wait for it if necessary.
	 */
	DynamicContract contract(@Nullable String operation) {
		DynamicContract known = known();
		if (known != null) {
			return known;
		}
		// Waits like a call, or throws.
		this.client.features();
		CompletableFuture<ReflectedServices> reflected = this.described.reflected();
		if (reflected == null) {
			throw unavailable(operation, reason());
		}
		try {
			reflected.get(this.client.callTimeout().toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw unavailable(operation, failure(ex));
		}
		catch (TimeoutException ex) {
			throw unavailable(operation, "its descriptors are not read yet");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw unavailable(operation, "the thread was interrupted");
		}
		return take(reflected, operation);
	}

	/**
	 * Return the contract as soon as it is known. No thread waits.
	 * @return completes with the contract, or fails with a {@link PluggableException}
	 */
	CompletableFuture<DynamicContract> contractLater(String operation) {
		CompletableFuture<ReflectedServices> reflected = this.described.reflected();
		if (reflected == null) {
			return this.client.currentGeneration()
				.toCompletableFuture()
				.handle((generation, failure) -> this.described.reflected())
				.thenCompose((later) -> (later != null) ? contractLater(later, operation)
						: CompletableFuture.failedFuture(unavailable(operation, reason())));
		}
		return contractLater(reflected, operation);
	}

	private CompletableFuture<DynamicContract> contractLater(CompletableFuture<ReflectedServices> reflected,
			String operation) {
		return reflected.copy()
			.orTimeout(this.client.callTimeout().toNanos(), TimeUnit.NANOSECONDS)
			.handle((services, failure) -> {
				if (failure instanceof TimeoutException) {
					throw unavailable(operation, "its descriptors are not read yet");
				}
				if (failure != null) {
					throw unavailable(operation, failure(failure));
				}
				return take(reflected, operation);
			});
	}

	private String failure(Throwable thrown) {
		Throwable failure = ((thrown instanceof CompletionException || thrown instanceof ExecutionException)
				&& thrown.getCause() != null) ? thrown.getCause() : thrown;
		return "its descriptors cannot be read: "
				+ this.client.withoutSecrets(String.valueOf(FailureCause.of(failure)));
	}

	private String reason() {
		String reason = this.client.unavailability();
		return (reason != null) ? reason : "the connection was just lost";
	}

	private ComponentUnavailableException unavailable(@Nullable String operation, String reason) {
		return new ComponentUnavailableException(this.client.component(), this.client.kind(), operation, reason);
	}

	@Override
	public String toString() {
		return "service " + this.name + " of component '" + this.client.component() + "'";
	}

}
