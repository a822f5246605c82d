package dev.pluggable.sample.median;

import java.util.NoSuchElementException;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.pluggable.sample.proto.median.v1.KeystoreGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * Serves the keystore to relayers.
 */
final class KeystoreService extends KeystoreGrpc.KeystoreImplBase {

	private final Keystore keystore;

	KeystoreService(Keystore keystore) {
		this.keystore = keystore;
	}

	@Override
	public void accounts(Empty request, StreamObserver<MedianProto.AccountsReply> response) {
		response.onNext(MedianProto.AccountsReply.newBuilder().addAllAccounts(this.keystore.accounts()).build());
		response.onCompleted();
	}

	@Override
	public void sign(MedianProto.SignRequest request, StreamObserver<MedianProto.SignReply> response) {
		try {
			byte[] signed = this.keystore.sign(request.getAccount(), request.getData().toByteArray());
			response.onNext(MedianProto.SignReply.newBuilder().setSignedData(ByteString.copyFrom(signed)).build());
			response.onCompleted();
		}
		catch (NoSuchElementException ex) {
			response.onError(Status.NOT_FOUND.withDescription(ex.getMessage()).asRuntimeException());
		}
	}

}
