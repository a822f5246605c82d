package dev.pluggable.sample.median;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.remote.RemoteObjectStatus;
import dev.pluggable.sample.median.plugins.ContractConfig;
import dev.pluggable.sample.median.plugins.MedianProvider;
import dev.pluggable.sample.median.plugins.PluginObject;
import dev.pluggable.sample.median.plugins.Relayer;
import dev.pluggable.sample.median.plugins.RelayerPlugin;
import dev.pluggable.sample.median.plugins.Transmission;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;

/**
 * Reports each step of the flow that the application can see: a call to a plugin when the
 * call is sent and when it is answered, a call that the application passes on, and a call
 * of a plugin when the call arrives. The step continues after the report.
 */
final class Steps implements ClientInterceptor, ServerInterceptor {

	private static final String PACKAGE = "sample.median.v1.";

	private final Consumer<String> listener;

	Steps(Consumer<String> listener) {
		this.listener = listener;
	}

	BindableService of(BindableService service) {
		return () -> ServerInterceptors.intercept(service, this);
	}

	RelayerPlugin of(RelayerPlugin plugin) {
		return (config) -> new SteppedRelayer(plugin.newRelayer(config));
	}

	/**
	 * Report when an object is ready.
	 */
	void of(PluginObject object) {
		String name = object.client().component().split(" eth")[0];
		object.client().onGeneration((generation) -> tell(name + " ready"));
	}

	private void tell(MethodDescriptor<?, ?> method, String what) {
		if (method.getFullMethodName().startsWith(PACKAGE)) {
			tell(method.getBareMethodName() + " " + what);
		}
	}

	private void tell(String step) {
		this.listener.accept(step);
	}

	@Override
	public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
		return new SimpleForwardingClientCall<>(next.newCall(method, options)) {

			@Override
			public void start(Listener<R> listener, Metadata headers) {
				super.start(new SimpleForwardingClientCallListener<>(listener) {

					@Override
					public void onMessage(R message) {
						tell(method, "answered");
						super.onMessage(message);
					}

				}, headers);
			}

			@Override
			public void halfClose() {
				super.halfClose();
				tell(method, "sent");
			}

		};
	}

	@Override
	public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
			ServerCallHandler<Q, R> next) {
		return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {

			@Override
			public void onHalfClose() {
				tell(call.getMethodDescriptor(), "asked");
				super.onHalfClose();
			}

		};
	}

	/**
	 * Wrap a client so that its calls are reported.
	 */
	private ComponentClient of(ComponentClient client) {
		Channel channel = ClientInterceptors.intercept(client.channel(), this);
		return (ComponentClient) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ComponentClient.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("channel")) {
						return channel;
					}
					try {
						return method.invoke(client, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	private final class SteppedRelayer implements Relayer {

		private final Relayer relayer;

		SteppedRelayer(Relayer relayer) {
			this.relayer = relayer;
			of(relayer);
		}

		@Override
		public ComponentClient client() {
			return this.relayer.client();
		}

		@Override
		public RemoteObjectStatus status() {
			return this.relayer.status();
		}

		@Override
		public void close() {
			this.relayer.close();
		}

		@Override
		public ChainInfo chainInfo() {
			return this.relayer.chainInfo();
		}

		@Override
		public MedianProvider newProvider(String contractId) {
			return new SteppedProvider(this.relayer.newProvider(contractId));
		}

	}

	private final class SteppedProvider implements MedianProvider {

		private final MedianProvider provider;

		private final ComponentClient client;

		SteppedProvider(MedianProvider provider) {
			this.provider = provider;
			this.client = of(provider.client());
			of(provider);
		}

		@Override
		public ComponentClient client() {
			return this.client;
		}

		@Override
		public RemoteObjectStatus status() {
			return this.provider.status();
		}

		@Override
		public void close() {
			this.provider.close();
		}

		@Override
		public byte[] configDigest(ContractConfig config) {
			tell("ConfigDigest sent");
			byte[] digest = this.provider.configDigest(config);
			tell("ConfigDigest answered");
			return digest;
		}

		@Override
		public Optional<Transmission> latestTransmission() {
			return this.provider.latestTransmission();
		}

	}

}
