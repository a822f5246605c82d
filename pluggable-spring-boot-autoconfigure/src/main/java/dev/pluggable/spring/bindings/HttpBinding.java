package dev.pluggable.spring.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.bindings.InvokeRequest;
import dev.pluggable.bindings.InvokeResponse;
import dev.pluggable.bindings.OutputBinding;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/**
 * Calls an HTTP server. Exceptions repeat no addresses, headers or bodies, because each
 * of these can contain a secret. Safe for use by many threads.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class HttpBinding implements OutputBinding, AutoCloseable {

	private static final String KIND = "output-bindings";

	private static final Map<String, HttpMethod> METHODS = Map.of("create", HttpMethod.POST, "get", HttpMethod.GET,
			"head", HttpMethod.HEAD, "post", HttpMethod.POST, "put", HttpMethod.PUT, "patch", HttpMethod.PATCH,
			"delete", HttpMethod.DELETE, "options", HttpMethod.OPTIONS, "trace", HttpMethod.TRACE);

	private static final Set<HttpMethod> WITH_BODY = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH,
			HttpMethod.DELETE);

	/**
	 * The metadata with the trace of the caller, which are headers, too.
	 */
	private static final Set<String> TRACE = Set.of("traceparent", "tracestate", "baggage");

	private static final String JSON = "application/json; charset=utf-8";

	private static final String ERROR_IF_NOT_2XX = "errorIfNot2XX";

	private static final int DEFAULT_MAX_RESPONSE_BODY_SIZE = 4 * 1024 * 1024;

	private static final Duration DEFAULT_RESPONSE_TIMEOUT = Duration.ofSeconds(30);

	private static final Duration LONGEST_CONNECT_TIMEOUT = Duration.ofSeconds(10);

	private static final int MAX_REDIRECTS = 5;

	private final String name;

	private final String url;

	private final boolean errorIfNot2xx;

	private final int maxResponseBodySize;

	private final Duration responseTimeout;

	private final @Nullable String tokenHeader;

	private final @Nullable String token;

	private final ThreadPoolExecutor threads;

	private final HttpClient http;

	private final RestClient client;

	private HttpBinding(String name, BindingMetadata metadata) {
		this.name = name;
		this.url = url(metadata);
		this.errorIfNot2xx = metadata.flag(ERROR_IF_NOT_2XX, true);
		this.maxResponseBodySize = metadata.size("maxResponseBodySize", DEFAULT_MAX_RESPONSE_BODY_SIZE);
		this.responseTimeout = metadata.duration("responseTimeout", DEFAULT_RESPONSE_TIMEOUT);
		this.token = metadata.text("securityToken");
		this.tokenHeader = metadata.text("securityTokenHeader");
		if ((this.token == null) != (this.tokenHeader == null)) {
			throw metadata.invalid("securityTokenHeader", "present if and only if 'securityToken' is present");
		}
		// The number of threads follows the number of calls in progress.
		CustomizableThreadFactory factory = new CustomizableThreadFactory("pluggable-http-" + name + "-");
		factory.setDaemon(true);
		this.threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
				factory);
		this.http = HttpClient.newBuilder()
			.executor(this.threads)
			.followRedirects(HttpClient.Redirect.NEVER)
			.connectTimeout((this.responseTimeout.compareTo(LONGEST_CONNECT_TIMEOUT) < 0) ? this.responseTimeout
					: LONGEST_CONNECT_TIMEOUT)
			.build();
		JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(this.http, this.threads);
		requests.setReadTimeout(this.responseTimeout);
		this.client = RestClient.builder().requestFactory(requests).build();
	}

	public static HttpBinding create(String name, Map<String, String> metadata) {
		BindingMetadata settings = new BindingMetadata("bindings.http", metadata);
		settings.allow(Set.of("url", ERROR_IF_NOT_2XX, "maxResponseBodySize", "responseTimeout", "securityToken",
				"securityTokenHeader", "direction"));
		return new HttpBinding(name, settings);
	}

	private static String url(BindingMetadata metadata) {
		String url = metadata.required("url", "'https://example.org/api'");
		try {
			URI uri = new URI(url);
			String scheme = Objects.requireNonNullElse(uri.getScheme(), "").toLowerCase(Locale.ROOT);
			if (Set.of("http", "https").contains(scheme) && uri.getHost() != null && uri.getUserInfo() == null
					&& uri.getFragment() == null) {
				return url;
			}
		}
		catch (URISyntaxException ex) {
			// The exception is not the cause, because its message contains the address.
		}
		throw metadata.invalid("url",
				"an address that begins with 'http://' or 'https://' and a host, without user and fragment");
	}

	@Override
	public Set<String> operations() {
		return METHODS.keySet();
	}

	@Override
	public InvokeResponse invoke(InvokeRequest request) {
		HttpMethod method = METHODS.get(request.operation());
		if (method == null) {
			throw new UnsupportedOperationByComponentException(this.name, KIND, "Invoke", "there is no operation '"
					+ request.operation() + "'; the operations are " + new TreeSet<>(operations()));
		}
		URI uri = uri(request.metadata().get("path"));
		HttpHeaders headers = headers(request.metadata(), WITH_BODY.contains(method));
		byte[] body = WITH_BODY.contains(method) ? request.data() : null;
		boolean errorIfNot2xx = errorIfNot2xx(request.metadata().get(ERROR_IF_NOT_2XX));
		for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
			Exchange exchange = exchange(method, uri, headers, body);
			URI location = exchange.location(uri);
			if (location == null || !sameOrigin(uri, location)) {
				return response(exchange, location != null, errorIfNot2xx);
			}
			uri = location;
			if (exchange.status() == 303 && method != HttpMethod.HEAD
					|| exchange.status() < 303 && method == HttpMethod.POST) {
				method = HttpMethod.GET;
				body = null;
				headers.remove(HttpHeaders.CONTENT_TYPE);
			}
		}
		throw failure("the server answered with more than " + MAX_REDIRECTS + " redirects");
	}

	private URI uri(@Nullable String path) {
		String address = this.url;
		if (path != null) {
			address = this.url.replaceAll("/+$", "") + "/" + path.replaceAll("^/+", "");
		}
		try {
			URI uri = new URI(address);
			String decoded = "/" + Objects.requireNonNullElse(uri.getPath(), "") + "/";
			if (uri.getFragment() == null && !decoded.contains("/../") && !decoded.contains("/./")) {
				return uri;
			}
		}
		catch (URISyntaxException ex) {
			// The exception is not the cause, because its message contains the address.
		}
		throw new InvalidRequestException(this.name, KIND, "Invoke",
				"the metadata 'path' must be an encoded path without the segments '.' and '..'");
	}

	private HttpHeaders headers(Map<String, String> metadata, boolean withBody) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.ACCEPT, JSON);
		if (withBody) {
			headers.set(HttpHeaders.CONTENT_TYPE, JSON);
		}
		if (this.tokenHeader != null && this.token != null) {
			headers.set(this.tokenHeader, this.token);
		}
		metadata.forEach((key, value) -> {
			if (!key.isEmpty() && (Character.isUpperCase(key.codePointAt(0)) || TRACE.contains(key))) {
				headers.set(key, value);
			}
		});
		return headers;
	}

	private boolean errorIfNot2xx(@Nullable String value) {
		Boolean flag = (value != null) ? BindingMetadata.flag(value) : Boolean.valueOf(this.errorIfNot2xx);
		if (flag == null) {
			throw new InvalidRequestException(this.name, KIND, "Invoke",
					"the metadata '" + ERROR_IF_NOT_2XX + "' must be 'true' or 'false'");
		}
		return flag;
	}

	private Exchange exchange(HttpMethod method, URI uri, HttpHeaders headers, byte @Nullable [] body) {
		RestClient.RequestBodySpec request = this.client.method(method)
			.uri(uri)
			.headers((target) -> target.putAll(headers));
		if (body != null) {
			request.body((output) -> output.write(body));
		}
		long start = System.nanoTime();
		try {
			return Objects.requireNonNull(request.exchange((sent, response) -> read(response)));
		}
		catch (PluggableException ex) {
			throw ex;
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidRequestException(this.name, KIND, "Invoke",
					"metadata whose names begin with a capital letter must be valid HTTP headers");
		}
		catch (ResourceAccessException ex) {
			// The response timeout closes the body while the binding reads the body.
			throw (System.nanoTime() - start >= this.responseTimeout.toNanos()) ? timeout() : unavailable(ex);
		}
		catch (RuntimeException ex) {
			throw failure("the call failed: " + ex.getClass().getName());
		}
	}

	private Exchange read(ClientHttpResponse response) throws IOException {
		// Closing the body here keeps the client from reading the rest of the body.
		try (InputStream body = response.getBody()) {
			byte[] data = body.readNBytes(this.maxResponseBodySize + 1);
			if (data.length > this.maxResponseBodySize) {
				throw failure("the body of the answer exceeds the limit of " + this.maxResponseBodySize
						+ " bytes, which the metadata 'maxResponseBodySize' sets");
			}
			return new Exchange(response.getStatusCode().value(), response.getStatusText(), response.getHeaders(),
					data);
		}
	}

	private PluggableException unavailable(ResourceAccessException ex) {
		for (Throwable cause = ex.getCause(); cause != null; cause = cause.getCause()) {
			if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException
					|| cause instanceof UnknownHostException) {
				return new ComponentUnavailableException(this.name, KIND, "Invoke",
						"the binding cannot connect to the server (" + cause.getClass().getSimpleName() + ")");
			}
			if (cause instanceof HttpTimeoutException || cause instanceof TimeoutException) {
				return timeout();
			}
		}
		return failure("the connection to the server failed (" + ex.getMostSpecificCause().getClass().getName() + ")");
	}

	private ComponentException timeout() {
		return failure("the server sent no complete answer within " + this.responseTimeout.toMillis()
				+ " ms, which the metadata 'responseTimeout' sets");
	}

	private ComponentException failure(String reason) {
		return new ComponentException("Invoke on " + KIND + " component '" + this.name + "': " + reason,
				(Throwable) null);
	}

	private InvokeResponse response(Exchange exchange, boolean elsewhere, boolean errorIfNot2xx) {
		if (errorIfNot2xx && exchange.status() / 100 != 2) {
			throw failure("the server answered with status " + exchange.status()
					+ (elsewhere ? " and redirects to another host, which the binding does not follow" : ""));
		}
		Map<String, String> metadata = new HashMap<>();
		exchange.headers().forEach((name, values) -> metadata.put(name, String.join(", ", values)));
		metadata.put("statusCode", Integer.toString(exchange.status()));
		metadata.put("status", (exchange.status() + " " + exchange.reason()).trim());
		String contentType = exchange.headers().getFirst(HttpHeaders.CONTENT_TYPE);
		return new InvokeResponse(exchange.body(), (contentType != null && !contentType.isEmpty()) ? contentType : null,
				metadata);
	}

	private static boolean sameOrigin(URI uri, URI other) {
		return uri.getScheme().equalsIgnoreCase(other.getScheme()) && uri.getHost().equalsIgnoreCase(other.getHost())
				&& port(uri) == port(other);
	}

	private static int port(URI uri) {
		if (uri.getPort() >= 0) {
			return uri.getPort();
		}
		return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
	}

	/**
	 * Stop the threads. Calls in progress fail.
	 */
	@Override
	public void close() throws Exception {
		// The client can be closed since Java 21. An interrupted thread does not wait
		// for calls in progress.
		if (this.http instanceof AutoCloseable closeable) {
			boolean interrupted = Thread.interrupted();
			Thread.currentThread().interrupt();
			closeable.close();
			if (!interrupted) {
				Thread.interrupted();
			}
		}
		this.threads.shutdownNow();
	}

	/**
	 * The answer of the server.
	 */
	private record Exchange(int status, String reason, HttpHeaders headers, byte[] body) {

		/**
		 * Return the target of a redirect, {@code null} if the answer is not a redirect.
		 */
		@Nullable URI location(URI base) {
			if (!Set.of(301, 302, 303, 307, 308).contains(this.status)) {
				return null;
			}
			String location = this.headers.getFirst(HttpHeaders.LOCATION);
			try {
				URI target = (location != null) ? base.resolve(new URI(location)) : null;
				return (target != null && target.getHost() != null && target.getScheme() != null) ? target : null;
			}
			catch (URISyntaxException ex) {
				return null;
			}
		}

	}

}
