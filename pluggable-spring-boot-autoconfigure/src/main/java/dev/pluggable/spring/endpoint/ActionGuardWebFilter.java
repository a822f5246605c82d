package dev.pluggable.spring.endpoint;

import java.net.URI;

import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Refuses requests as an {@link ActionGuard} says, in a reactive application.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ActionGuardWebFilter implements WebFilter {

	private final ActionGuard guard;

	/**
	 * Create a filter.
	 * @param guard decides
	 */
	public ActionGuardWebFilter(ActionGuard guard) {
		this.guard = guard;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		ServerHttpRequest request = exchange.getRequest();
		URI url = request.getURI();
		String refusal = this.guard.refusal(request.getMethod().name(), url.getRawPath(), url,
				request.getHeaders().getFirst(HttpHeaders.ORIGIN), request.getHeaders().getFirst("Sec-Fetch-Site"));
		return (refusal != null) ? Mono.error(new ResponseStatusException(HttpStatus.FORBIDDEN, refusal))
				: chain.filter(exchange);
	}

}
