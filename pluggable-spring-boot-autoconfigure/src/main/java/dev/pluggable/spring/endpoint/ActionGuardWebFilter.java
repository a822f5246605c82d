package dev.pluggable.spring.endpoint;

import java.net.URI;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

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
		if (!this.guard.isAction(request.getMethod().name(), request.getURI().getRawPath())) {
			return chain.filter(exchange);
		}
		// The decision may wait, so it must not run on an event loop.
		return Mono.fromCallable(() -> refusal(request))
			.subscribeOn(Schedulers.boundedElastic())
			.flatMap((refusal) -> Mono.<Void>error(new ResponseStatusException(HttpStatus.FORBIDDEN, refusal)))
			.switchIfEmpty(Mono.defer(() -> chain.filter(exchange)));
	}

	private @Nullable String refusal(ServerHttpRequest request) {
		URI url = request.getURI();
		return this.guard.refusal(request.getMethod().name(), url.getRawPath(), url,
				request.getHeaders().getFirst(HttpHeaders.ORIGIN), request.getHeaders().getFirst("Sec-Fetch-Site"));
	}

}
