package dev.pluggable.benchmarks;

import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnsafeByteOperations;
import dev.pluggable.grpc.DynamicService;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.state.StateStore;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import org.jspecify.annotations.Nullable;

/**
 * A way to read and write keys.
 */
interface StateCalls {

	/**
	 * Deadline of calls by hand and through the injected object, in seconds. It is long
	 * enough for 256 callers of 1 MiB on a busy machine.
	 */
	int DEADLINE_SECONDS = 30;

	/**
	 * Read a key, which must exist.
	 */
	Object get(String key);

	/**
	 * Write a key.
	 * @return any object
	 */
	Object set(String key, byte[] value);

	/**
	 * Create calls through the object that an application has injected.
	 */
	static StateCalls of(StateStore store) {
		return new StateCalls() {

			@Override
			public Object get(String key) {
				return store.get(key).orElseThrow();
			}

			@Override
			public Object set(String key, byte[] value) {
				store.set(key, value);
				return store;
			}

		};
	}

	/**
	 * Create calls through the proxy of the contract that is generated from the same
	 * {@code .proto}. They return the generated message.
	 */
	static StateCalls generated(dev.pluggable.proto.components.v1.StateStore store) {
		return new StateCalls() {

			@Override
			public Object get(String key) {
				return store.get(StateProto.GetRequest.newBuilder().setKey(key).build());
			}

			@Override
			public Object set(String key, byte[] value) {
				store.set(setRequest(key, value));
				return store;
			}

		};
	}

	/**
	 * Create calls by the descriptors of the component.
	 */
	static StateCalls dynamic(DynamicService service) {
		DynamicMessage.Builder get = service.newRequest("Get");
		FieldDescriptor key = get.getDescriptorForType().findFieldByName("key");
		DynamicMessage.Builder set = service.newRequest("Set");
		FieldDescriptor setKey = set.getDescriptorForType().findFieldByName("key");
		FieldDescriptor value = set.getDescriptorForType().findFieldByName("value");
		return new StateCalls() {

			@Override
			public Object get(String name) {
				return service.messages().unary("Get", service.newRequest("Get").setField(key, name).build());
			}

			@Override
			public Object set(String name, byte[] bytes) {
				return service.messages()
					.unary("Set",
							service.newRequest("Set")
								.setField(setKey, name)
								.setField(value, UnsafeByteOperations.unsafeWrap(bytes))
								.build());
			}

		};
	}

	/**
	 * Create calls with JSON.
	 */
	static StateCalls json(DynamicService service) {
		return new StateCalls() {

			@Override
			public Object get(String name) {
				return service.json().unary("Get", "{\"key\":\"" + name + "\"}");
			}

			@Override
			public Object set(String name, byte[] bytes) {
				return service.json()
					.unary("Set", "{\"key\":\"" + name + "\",\"value\":\"" + Base64.getEncoder().encodeToString(bytes)
							+ "\"}");
			}

		};
	}

	/**
	 * Create calls through a stub. Each call has the same deadline as through the
	 * injected object, and copies the response out of the generated message.
	 * @param channel channel to the component
	 * @param instance name of the component instance
	 */
	static StateCalls byHand(Channel channel, String instance) {
		Metadata headers = new Metadata();
		headers.put(Metadata.Key.of("x-component-instance", Metadata.ASCII_STRING_MARSHALLER), instance);
		return byHand(ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)));
	}

	/**
	 * Create calls through a stub to a component with a single instance.
	 */
	static StateCalls byHand(Channel channel) {
		StateStoreGrpc.StateStoreBlockingStub stub = StateStoreGrpc.newBlockingStub(channel);
		return new StateCalls() {

			@Override
			public Object get(String key) {
				StateProto.GetResponse response = stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
					.get(StateProto.GetRequest.newBuilder().setKey(key).build());
				return ByHand.of(key, response).orElseThrow();
			}

			@Override
			public Object set(String key, byte[] value) {
				return stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).set(setRequest(key, value));
			}

		};
	}

	/**
	 * Create calls through a stub with a deadline. They return the generated message.
	 */
	static StateCalls messages(Channel channel) {
		StateStoreGrpc.StateStoreBlockingStub stub = StateStoreGrpc.newBlockingStub(channel);
		return new StateCalls() {

			@Override
			public Object get(String key) {
				return stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
					.get(StateProto.GetRequest.newBuilder().setKey(key).build());
			}

			@Override
			public Object set(String key, byte[] value) {
				return stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).set(setRequest(key, value));
			}

		};
	}

	/**
	 * Create calls through generated code alone. They have no deadline, so a component
	 * that hangs blocks its caller, and they return the generated message.
	 */
	static StateCalls bare(Channel channel) {
		StateStoreGrpc.StateStoreBlockingStub stub = StateStoreGrpc.newBlockingStub(channel);
		return new StateCalls() {

			@Override
			public Object get(String key) {
				return stub.get(StateProto.GetRequest.newBuilder().setKey(key).build());
			}

			@Override
			public Object set(String key, byte[] value) {
				return stub.set(setRequest(key, value));
			}

		};
	}

	private static StateProto.SetRequest setRequest(String key, byte[] value) {
		return StateProto.SetRequest.newBuilder()
			.setKey(key)
			.setValue(UnsafeByteOperations.unsafeWrap(value))
			.setOptions(StateProto.StateOptions.getDefaultInstance())
			.build();
	}

	/**
	 * A stored value, as an application would define it to be independent of generated
	 * messages.
	 *
	 * @param key the key
	 * @param value the value
	 * @param etag version of the value
	 * @param contentType content type of the value
	 * @param metadata metadata of the value
	 */
	record ByHand(String key, byte[] value, @Nullable String etag, @Nullable String contentType,
			Map<String, String> metadata) {

		static Optional<ByHand> of(String key, StateProto.GetResponse response) {
			if (response.getData().isEmpty() && !response.hasEtag()) {
				return Optional.empty();
			}
			String contentType = response.getContentType();
			return Optional.of(new ByHand(key, response.getData().toByteArray(),
					response.hasEtag() ? response.getEtag().getValue() : null,
					contentType.isEmpty() ? null : contentType, Map.copyOf(response.getMetadataMap())));
		}

		static ByHand of(StateProto.BulkStateItem item) {
			String contentType = item.getContentType();
			return new ByHand(item.getKey(), item.getData().toByteArray(),
					item.hasEtag() ? item.getEtag().getValue() : null, contentType.isEmpty() ? null : contentType,
					Map.copyOf(item.getMetadataMap()));
		}

	}

}
