package dev.pluggable.secrets;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import dev.pluggable.CallFailure;
import dev.pluggable.ComponentClient;
import dev.pluggable.PluggableException;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.SecretStoreGrpc;
import dev.pluggable.proto.components.v1.SecretStoreProto;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * The proxy of a secret store in another process.
 */
final class GrpcSecretStore implements SecretStore {

	private final ComponentClient client;

	private final ComponentCalls calls;

	GrpcSecretStore(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client, GrpcSecretStore::toException);
	}

	private static @Nullable PluggableException toException(CallFailure failure) {
		boolean notFound = failure.code() == Status.Code.NOT_FOUND && failure.operation().equals("Get");
		return notFound ? new SecretNotFoundException(failure) : null;
	}

	@Override
	public Secret get(GetSecretRequest request) {
		SecretStoreProto.GetSecretResponse response = this.calls.unary(SecretStoreGrpc.getGetMethod(),
				SecretStoreProto.GetSecretRequest.newBuilder()
					.setKey(request.name())
					.putAllMetadata(request.metadata())
					.build());
		return new Secret(response.getDataMap());
	}

	@Override
	public Map<String, Secret> bulkGet(Map<String, String> metadata) {
		SecretStoreProto.BulkGetSecretResponse response = this.calls.unary(SecretStoreGrpc.getBulkGetMethod(),
				SecretStoreProto.BulkGetSecretRequest.newBuilder().putAllMetadata(metadata).build());
		Map<String, Secret> secrets = new LinkedHashMap<>();
		response.getDataMap().forEach((name, secret) -> secrets.put(name, new Secret(secret.getSecretsMap())));
		return secrets;
	}

	@Override
	public Set<String> features() {
		return this.client.features();
	}

	@Override
	public void ping() {
		this.calls.unary(SecretStoreGrpc.getPingMethod(), CommonProto.PingRequest.getDefaultInstance());
	}

}
