package dev.pluggable.sample.median;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

import com.google.protobuf.ByteString;
import dev.pluggable.sample.proto.median.v1.Keystore;
import dev.pluggable.sample.proto.median.v1.MedianProto.AccountsReply;
import dev.pluggable.sample.proto.median.v1.MedianProto.SignReply;
import dev.pluggable.sample.proto.median.v1.MedianProto.SignRequest;
import io.grpc.Status;

/**
 * Holds a key for each account. Each run of the application generates new keys, and no
 * key leaves the application.
 */
final class MemoryKeystore implements Keystore {

	private static final String ALGORITHM = "Ed25519";

	private final Map<String, KeyPair> keys = new LinkedHashMap<>();

	MemoryKeystore(Collection<String> accounts) {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
			accounts.forEach((account) -> this.keys.put(account, generator.generateKeyPair()));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("This JDK has no " + ALGORITHM, ex);
		}
	}

	@Override
	public AccountsReply accounts() {
		return AccountsReply.newBuilder().addAllAccounts(this.keys.keySet()).build();
	}

	@Override
	public SignReply sign(SignRequest request) {
		try {
			Signature signature = Signature.getInstance(ALGORITHM);
			signature.initSign(key(request.getAccount()).getPrivate());
			signature.update(request.getData().asReadOnlyByteBuffer());
			return SignReply.newBuilder().setSignedData(ByteString.copyFrom(signature.sign())).build();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Account '" + request.getAccount() + "' cannot sign", ex);
		}
	}

	boolean verify(String account, ByteString data, ByteString signed) {
		try {
			Signature signature = Signature.getInstance(ALGORITHM);
			signature.initVerify(key(account).getPublic());
			signature.update(data.asReadOnlyByteBuffer());
			return signature.verify(signed.toByteArray());
		}
		catch (GeneralSecurityException ex) {
			return false;
		}
	}

	private KeyPair key(String account) {
		KeyPair key = this.keys.get(account);
		if (key == null) {
			throw Status.NOT_FOUND.withDescription("There is no account '" + account + "'").asRuntimeException();
		}
		return key;
	}

}
