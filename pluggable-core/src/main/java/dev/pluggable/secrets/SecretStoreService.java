package dev.pluggable.secrets;

import dev.pluggable.ComponentInstances;
import dev.pluggable.PluggableException;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.SecretStoreGrpc;
import dev.pluggable.proto.components.v1.SecretStoreProto;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Offers implementations of {@link SecretStore} to other processes.
 */
final class SecretStoreService extends SecretStoreGrpc.SecretStoreImplBase {

	private final ServiceCalls<SecretStore> calls;

	SecretStoreService(ComponentInstances<SecretStore> instances) {
		this.calls = new ServiceCalls<>("secret store", instances, SecretStoreService::toStatus);
	}

	private static @Nullable StatusRuntimeException toStatus(PluggableException ex, String message) {
		return (ex instanceof SecretNotFoundException) ? ServiceCalls.status(Status.Code.NOT_FOUND, message) : null;
	}

	@Override
	public void init(SecretStoreProto.SecretStoreInitRequest request,
			StreamObserver<SecretStoreProto.SecretStoreInitResponse> observer) {
		this.calls.initialize(request.getMetadata().getPropertiesMap(),
				SecretStoreProto.SecretStoreInitResponse.getDefaultInstance(), observer);
	}

	@Override
	public void features(CommonProto.FeaturesRequest request, StreamObserver<CommonProto.FeaturesResponse> observer) {
		this.calls.answer("Features", observer,
				(store) -> CommonProto.FeaturesResponse.newBuilder().addAllFeatures(store.features()).build());
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
		this.calls.answer("Ping", observer, (store) -> {
			store.ping();
			return CommonProto.PingResponse.getDefaultInstance();
		});
	}

	@Override
	public void get(SecretStoreProto.GetSecretRequest request,
			StreamObserver<SecretStoreProto.GetSecretResponse> observer) {
		this.calls.answer("Get", observer, (store) -> {
			GetSecretRequest read = ServiceCalls
				.valid(() -> new GetSecretRequest(request.getKey(), request.getMetadataMap()));
			return SecretStoreProto.GetSecretResponse.newBuilder().putAllData(store.get(read).values()).build();
		});
	}

	@Override
	public void bulkGet(SecretStoreProto.BulkGetSecretRequest request,
			StreamObserver<SecretStoreProto.BulkGetSecretResponse> observer) {
		this.calls.answer("BulkGet", observer, (store) -> {
			SecretStoreProto.BulkGetSecretResponse.Builder response = SecretStoreProto.BulkGetSecretResponse
				.newBuilder();
			store.bulkGet(request.getMetadataMap())
				.forEach((name, secret) -> response.putData(name,
						SecretStoreProto.SecretResponse.newBuilder().putAllSecrets(secret.values()).build()));
			return response.build();
		});
	}

}
