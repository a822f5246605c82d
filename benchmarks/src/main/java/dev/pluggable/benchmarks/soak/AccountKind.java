package dev.pluggable.benchmarks.soak;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import com.google.protobuf.UInt32Value;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.remote.RemoteObject;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;

/**
 * The kind of a plugin that creates accounts. An account is a remote object: the plugin
 * serves the account to the host, and the host serves a {@link Ledger} to the account.
 */
final class AccountKind implements ComponentKind<AccountKind.Factory> {

	static final AccountKind INSTANCE = new AccountKind();

	private static final String SERVICE = "soak.Factory";

	private static final MethodDescriptor<StringValue, UInt32Value> CREATE = method(SERVICE, "Create",
			StringValue.getDefaultInstance(), UInt32Value.getDefaultInstance());

	private static final MethodDescriptor<StringValue, Empty> ADD = method("soak.Account", "Add",
			StringValue.getDefaultInstance(), Empty.getDefaultInstance());

	private static final MethodDescriptor<Empty, Empty> CLOSE = method("soak.Account", "Close",
			Empty.getDefaultInstance(), Empty.getDefaultInstance());

	private AccountKind() {
	}

	static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(String service, String name, Q request,
			R response) {
		return MethodDescriptor.<Q, R>newBuilder()
			.setType(MethodDescriptor.MethodType.UNARY)
			.setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
			.setRequestMarshaller(ProtoUtils.marshaller(request))
			.setResponseMarshaller(ProtoUtils.marshaller(response))
			.build();
	}

	@Override
	public String name() {
		return "account";
	}

	@Override
	public Class<Factory> type() {
		return Factory.class;
	}

	@Override
	public List<String> services() {
		return List.of(SERVICE);
	}

	@Override
	public Factory createProxy(ComponentClient client) {
		return (name) -> new Account(client, name);
	}

	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		return CompletableFuture.completedFuture(Set.of());
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return CompletableFuture.failedFuture(Status.UNIMPLEMENTED.asRuntimeException());
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<Factory> instances) {
		return List.of();
	}

	/**
	 * Creates accounts.
	 */
	interface Factory {

		/**
		 * Open an account. Its first call waits until the plugin has created it.
		 * @param name name of the account
		 */
		Account open(String name);

	}

	/**
	 * An account in the plugin. Safe for use by many threads.
	 */
	static final class Account implements AutoCloseable {

		private final RemoteObject object;

		private final ComponentCalls calls;

		Account(ComponentClient plugin, String name) {
			this.object = RemoteObject.create(plugin, name,
					(creation) -> ClientCalls
						.blockingUnaryCall(creation.channel().newCall(CREATE, plugin.callOptions()),
								StringValue.of(name + " " + creation.offer(Ledger.SERVICE)))
						.getValue());
			this.calls = new ComponentCalls(this.object, ComponentCalls.FailureTranslator.NONE);
		}

		/**
		 * Record a text in the ledger.
		 */
		void add(String text) {
			this.calls.unary(ADD, StringValue.of(text));
		}

		@Override
		public void close() {
			this.object.close(CLOSE, Empty.getDefaultInstance());
		}

		@Override
		public String toString() {
			return this.object.status().toString();
		}

	}

}
