package dev.pluggable.spring.endpoint;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.util.UriUtils;

/**
 * Decides which requests may reach the actions of the actuator endpoint. A web page of
 * another origin must not be able to start or stop plugins with the help of a browser
 * that can reach the application. A browser tells the origin of a page, and its name for
 * the application in the header {@code Host}. A name that the application does not know
 * may belong to somebody who has pointed the name at the application's address.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ActionGuard {

	private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[?[0-9a-f:.]*:[0-9a-f:.%]*]?");

	private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

	private static final String ANY = "*";

	private final String path;

	private final Set<String> hosts = new HashSet<>();

	private final Set<String> origins;

	private final SingletonSupplier<String> machine;

	/**
	 * Create a guard.
	 * @param path path of the actuator endpoint, such as {@code /actuator/pluggable}
	 * @param allowedHosts further names of the application
	 * @param allowedOrigins origins whose pages may call actions
	 */
	public ActionGuard(String path, Collection<String> allowedHosts, Collection<String> allowedOrigins) {
		this(path, allowedHosts, allowedOrigins, ActionGuard::machineName);
	}

	/**
	 * Create a guard.
	 * @param machine looks up the name of the machine; used once, by the first action
	 * under a name that is not known otherwise
	 */
	ActionGuard(String path, Collection<String> allowedHosts, Collection<String> allowedOrigins,
			Supplier<String> machine) {
		this.machine = SingletonSupplier.of(() -> machine.get().toLowerCase(Locale.ROOT));
		this.path = path + "/";
		allowedHosts.forEach((host) -> this.hosts.add(host.toLowerCase(Locale.ROOT)));
		this.origins = Set.copyOf(allowedOrigins);
		this.hosts.add("localhost");
	}

	/**
	 * Return the name of the machine. The look-up may ask a name server, and so may take
	 * seconds.
	 */
	private static String machineName() {
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "localhost";
		}
	}

	/**
	 * Tell whether a request is for an action. {@link #refusal} passes all other
	 * requests.
	 * @param method HTTP method
	 * @param path raw path of the request
	 * @return {@code true} if the request may be for an action
	 */
	boolean isAction(String method, String path) {
		return !SAFE_METHODS.contains(method) && normalized(path).contains(this.path);
	}

	/**
	 * Decide about a request. The first decision about an action under an unknown name
	 * may wait for a name server.
	 * @param method HTTP method
	 * @param path raw path of the request
	 * @param url scheme, host and port by which the client reached the application
	 * @param origin the header {@code Origin}, {@code null} without one
	 * @param site the header {@code Sec-Fetch-Site}, {@code null} without one
	 * @return why the request is refused, {@code null} if it may pass
	 */
	public @Nullable String refusal(String method, String path, URI url, @Nullable String origin,
			@Nullable String site) {
		if (!isAction(method, path)) {
			return null;
		}
		if (origin != null && (this.origins.contains(origin) || this.origins.contains(ANY))) {
			return null;
		}
		String host = (url.getHost() != null) ? url.getHost().toLowerCase(Locale.ROOT) : "";
		if (!isOwn(host)) {
			return "The name '" + host + "' in the header 'Host' is not known. "
					+ "'pluggable.endpoint.allowed-hosts' adds names";
		}
		if ((origin != null && !isSame(url, origin)) || (origin == null && "cross-site".equals(site))) {
			return "The request comes from a page of another origin. "
					+ "'management.endpoints.web.cors.allowed-origins' allows origins";
		}
		return null;
	}

	private boolean isOwn(String host) {
		return this.hosts.contains(host) || this.hosts.contains(ANY) || ADDRESS.matcher(host).matches()
				|| host.equals(this.machine.obtain());
	}

	private static boolean isSame(URI url, String origin) {
		try {
			URI other = URI.create(origin);
			String host = url.getHost();
			String scheme = url.getScheme();
			return host != null && scheme != null && host.equalsIgnoreCase(other.getHost())
					&& scheme.equalsIgnoreCase(other.getScheme()) && port(url) == port(other);
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	private static int port(URI url) {
		if (url.getPort() >= 0) {
			return url.getPort();
		}
		return "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
	}

	/**
	 * The path as the mapping of requests sees it: decoded and without parameters.
	 */
	private static String normalized(String path) {
		StringBuilder normalized = new StringBuilder();
		for (String segment : path.split("/")) {
			if (!segment.isEmpty()) {
				int parameters = segment.indexOf(';');
				String plain = (parameters >= 0) ? segment.substring(0, parameters) : segment;
				normalized.append('/').append(UriUtils.decode(plain, StandardCharsets.UTF_8));
			}
		}
		return normalized.append('/').toString();
	}

}
