package dev.pluggable.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the file of a program must hash to for it to be run.
 */
final class ExecutableChecksum {

	private static final Logger logger = LoggerFactory.getLogger(ExecutableChecksum.class);

	private static final Map<String, String> ALGORITHMS = Map.of("sha256", "SHA-256", "sha512", "SHA-512");

	private static final int OTHERS_WRITE = 02;

	private static final int OTHERS_WRITE_STICKY = 01002;

	private static final int BUFFER = 64 * 1024;

	private final PluginSettings settings;

	private final MessageDigest digest;

	private final byte[] expected;

	/**
	 * Read the checksum in the settings of a plugin.
	 * @param settings the settings
	 * @param checksum {@code sha256:} or {@code sha512:} and hexadecimal digits
	 * @throws PluginException if it is not of that form
	 */
	ExecutableChecksum(PluginSettings settings, String checksum) {
		this.settings = settings;
		int colon = checksum.indexOf(':');
		String algorithm = ALGORITHMS.get(checksum.substring(0, Math.max(colon, 0)).strip().toLowerCase(Locale.ROOT));
		if (algorithm == null) {
			throw malformed("it begins with neither 'sha256:' nor 'sha512:'");
		}
		try {
			this.digest = MessageDigest.getInstance(algorithm);
			this.expected = HexFormat.of().parseHex(checksum.substring(colon + 1).strip());
		}
		catch (IllegalArgumentException ex) {
			throw malformed("it holds something else than pairs of hexadecimal digits");
		}
		catch (NoSuchAlgorithmException ex) {
			throw malformed("this JVM has no " + algorithm);
		}
		if (this.expected.length != this.digest.getDigestLength()) {
			throw malformed("it holds " + this.expected.length + " bytes instead of " + this.digest.getDigestLength());
		}
	}

	private PluginException malformed(String reason) {
		return PluginHandshake.failure(this.settings, "has a 'checksum' that cannot be used, as " + reason
				+ ": write 'sha256:' and what 'sha256sum' prints for its program");
	}

	/**
	 * Make sure that a file is the one that is meant.
	 * @param file the file
	 * @throws PluginException if it is not, cannot be read, or can be changed by anybody
	 * before it is run
	 */
	void verify(Path file) {
		try {
			checkPermissions(file);
			checkFolder(file);
			checkFolder(file.toRealPath());
			if (!MessageDigest.isEqual(this.expected, hash(file))) {
				throw PluginHandshake.failure(this.settings,
						"is not started, as '" + file + "' does not have the checksum that is set: it has been changed "
								+ "or replaced. If that is right, set 'checksum' to what '"
								+ (this.expected.length == 32 ? "sha256sum" : "sha512sum") + "' prints for it");
			}
		}
		catch (IOException ex) {
			throw new PluginException(PluginHandshake.subject(this.settings) + " is not started, as '" + file
					+ "' cannot be read to compute its checksum: " + ex + ". We run as "
					+ System.getProperty("user.name"), ex);
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

	/**
	 * Whoever may write to a folder may put another file in the place of one that he must
	 * not write to, unless the folder is sticky.
	 */
	private void checkFolder(Path file) throws IOException {
		Path folder = file.getParent();
		if (folder != null && ((int) Files.getAttribute(folder, "unix:mode") & OTHERS_WRITE_STICKY) == OTHERS_WRITE) {
			throw PluginHandshake.failure(this.settings,
					"is not started, as everybody may put another file in the " + "place of '" + file
							+ "', so that its checksum proves nothing: take that permission away from the "
							+ "folder with 'chmod o-w'");
		}
	}

	private void checkPermissions(Path file) throws IOException {
		Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
		if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
			throw PluginHandshake.failure(this.settings, "is not started, as everybody may write to '" + file
					+ "', so that its checksum proves nothing: take that permission away with 'chmod o-w'");
		}
		if (permissions.contains(PosixFilePermission.GROUP_WRITE)) {
			logger.warn(
					"{}: the group of '{}' may write to it after its checksum was verified; 'chmod g-w' forbids that",
					PluginHandshake.subject(this.settings), file);
		}
	}

}
