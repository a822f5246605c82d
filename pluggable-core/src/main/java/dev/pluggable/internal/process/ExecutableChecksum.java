package dev.pluggable.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

import dev.pluggable.internal.files.PathTrust;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;

/**
 * The expected checksum of a program.
 */
final class ExecutableChecksum {

	private static final Map<String, String> ALGORITHMS = Map.of("sha256", "SHA-256", "sha512", "SHA-512");

	private static final int BUFFER = 64 * 1024;

	private final PluginSettings settings;

	private final MessageDigest digest;

	private final byte[] expected;

	/**
	 * Parse the checksum in the settings of a plugin.
	 * @param settings the settings
	 * @param checksum {@code sha256:} or {@code sha512:} and hexadecimal digits
	 * @throws PluginException if the checksum has another form
	 */
	ExecutableChecksum(PluginSettings settings, String checksum) {
		this.settings = settings;
		int colon = checksum.indexOf(':');
		String algorithm = ALGORITHMS.get(checksum.substring(0, Math.max(colon, 0)).strip().toLowerCase(Locale.ROOT));
		if (algorithm == null) {
			throw malformed("the checksum begins with neither 'sha256:' nor 'sha512:'");
		}
		try {
			this.digest = MessageDigest.getInstance(algorithm);
			this.expected = HexFormat.of().parseHex(checksum.substring(colon + 1).strip());
		}
		catch (IllegalArgumentException ex) {
			throw malformed("the checksum contains other characters than pairs of hexadecimal digits");
		}
		catch (NoSuchAlgorithmException ex) {
			throw malformed("this JVM does not support " + algorithm);
		}
		if (this.expected.length != this.digest.getDigestLength()) {
			throw malformed(
					"the checksum has " + this.expected.length + " bytes instead of " + this.digest.getDigestLength());
		}
	}

	private PluginException malformed(String reason) {
		return LaunchFailures.lasting(this.settings, "has an invalid 'checksum': " + reason
				+ ". Write 'sha256:' and the output of 'sha256sum' for the program");
	}

	/**
	 * Verify the checksum of a file.
	 * @param file the file
	 * @throws PluginException if the checksum differs, if the file is not readable, or if
	 * another user can replace the file
	 */
	void verify(Path file) {
		try {
			String problem = PathTrust.ownUser().problem(file);
			if (problem != null) {
				throw LaunchFailures.lasting(this.settings,
						"is not started: somebody else can replace '" + file
								+ "' after the check of its checksum, because " + problem + ". " + PathTrust.ADVICE
								+ ", or remove 'checksum'");
			}
			if (!MessageDigest.isEqual(this.expected, hash(file))) {
				throw LaunchFailures.lasting(this.settings,
						"is not started: '" + file
								+ "' does not have the configured checksum, so somebody has changed or "
								+ "replaced the file. If the change is intended, set 'checksum' to the output of '"
								+ (this.expected.length == 32 ? "sha256sum" : "sha512sum") + "' for the file");
			}
		}
		catch (IOException ex) {
			throw new PluginException(
					LaunchFailures.subject(this.settings) + " is not started: the application, which runs as "
							+ System.getProperty("user.name") + ", cannot read '" + file + "' for its checksum: " + ex,
					ex);
		}
	}

	private byte[] hash(Path file) throws IOException {
		this.digest.reset();
		byte[] buffer = new byte[BUFFER];
		try (InputStream in = Files.newInputStream(file)) {
			for (int count = in.read(buffer); count != -1; count = in.read(buffer)) {
				this.digest.update(buffer, 0, count);
			}
		}
		return this.digest.digest();
	}

}
