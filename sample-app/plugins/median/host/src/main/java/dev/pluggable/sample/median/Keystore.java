package dev.pluggable.sample.median;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Holds a key for each account. Each run of the application generates new keys, and no
 * key leaves the application.
 */
final class Keystore {

	private static final String ALGORITHM = "Ed25519";

	private final Map<String, KeyPair> keys = new LinkedHashMap<>();

	Keystore(Collection<String> accounts) {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
			accounts.forEach((account) -> this.keys.put(account, generator.generateKeyPair()));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("This JDK has no " + ALGORITHM, ex);
		}
	}

	List<String> accounts() {
		return List.copyOf(this.keys.keySet());
	}

	byte[] sign(String account, byte[] data) {
		try {
			Signature signature = Signature.getInstance(ALGORITHM);
			signature.initSign(key(account).getPrivate());
			signature.update(data);
			return signature.sign();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Account '" + account + "' cannot sign", ex);
		}
	}

	boolean verify(String account, byte[] data, byte[] signed) {
		try {
			Signature signature = Signature.getInstance(ALGORITHM);
			signature.initVerify(key(account).getPublic());
			signature.update(data);
			return signature.verify(signed);
		}
		catch (GeneralSecurityException ex) {
			return false;
		}
	}

	private KeyPair key(String account) {
		KeyPair key = this.keys.get(account);
		if (key == null) {
			throw new NoSuchElementException("There is no account '" + account + "'");
		}
		return key;
	}

}
