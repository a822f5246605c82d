package dev.pluggable.spring.endpoint;

import java.io.IOException;
import java.net.URI;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses requests as an {@link ActionGuard} says, in a servlet application.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ActionGuardFilter extends OncePerRequestFilter {

	private final ActionGuard guard;

	/**
	 * Create a filter.
	 * @param guard decides
	 */
	public ActionGuardFilter(ActionGuard guard) {
		this.guard = guard;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		String refusal = this.guard.refusal(request.getMethod(), request.getRequestURI(), url(request),
				request.getHeader(HttpHeaders.ORIGIN), request.getHeader("Sec-Fetch-Site"));
		if (refusal != null) {
			response.sendError(HttpServletResponse.SC_FORBIDDEN, refusal);
			return;
		}
		chain.doFilter(request, response);
	}

	private static URI url(HttpServletRequest request) {
		try {
			return URI.create(request.getScheme() + "://" + request.getServerName() + ":" + request.getServerPort());
		}
		catch (IllegalArgumentException ex) {
			return URI.create("http:/");
		}
	}

}
