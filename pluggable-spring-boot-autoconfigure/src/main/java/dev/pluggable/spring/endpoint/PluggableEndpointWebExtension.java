package dev.pluggable.spring.endpoint;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.endpoint.PluggableDescriptor.PluginDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Web extension that shows, starts, stops and restarts a plugin. The path is
 * {@code plugins/<name>/<action>}.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
@EndpointWebExtension(endpoint = PluggableEndpoint.class)
public final class PluggableEndpointWebExtension {

	/**
	 * Time that a request waits for an operation. Only slow plugins take longer to start
	 * or stop.
	 */
	public static final Duration DEADLINE = Duration.ofSeconds(30);

	private static final String PLUGINS = "plugins";

	private static final int ACCEPTED = 202;

	private final @Nullable Plugins plugins;

	private final Duration deadline;

	public PluggableEndpointWebExtension(@Nullable Plugins plugins, Duration deadline) {
		this.plugins = plugins;
		this.deadline = deadline;
	}

	@ReadOperation
	@Nullable PluginDescriptor plugin(@Selector String group, @Selector String name) {
		return status(group, name).map(PluginDescriptor::of).orElse(null);
	}

	@WriteOperation
	WebEndpointResponse<PluginOperation> control(@Selector String group, @Selector String name,
			@Selector String action) {
		Plugins plugins = this.plugins;
		if (plugins == null || status(group, name).isEmpty()) {
			return response(WebEndpointResponse.STATUS_NOT_FOUND, name, "there is no plugin of this name");
		}
		Action known = Action.find(action);
		if (known == null) {
			return response(WebEndpointResponse.STATUS_BAD_REQUEST, name,
					"the action is unknown; known actions are " + Action.names());
		}
		try {
			known.apply(plugins, name).toCompletableFuture().get(this.deadline.toNanos(), TimeUnit.NANOSECONDS);
			return response(WebEndpointResponse.STATUS_OK, name, null);
		}
		catch (ExecutionException ex) {
			Throwable cause = ex.getCause();
			return response(WebEndpointResponse.STATUS_INTERNAL_SERVER_ERROR, name,
					(cause != null) ? String.valueOf(cause.getMessage()) : "the operation failed");
		}
		catch (TimeoutException ex) {
			return response(ACCEPTED, name,
					"the operation did not end within " + this.deadline.toMillis() + " ms and continues");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return response(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, name, "the application is stopping");
		}
	}

	private Optional<PluginStatus> status(String group, String name) {
		return (this.plugins != null && group.equals(PLUGINS)) ? this.plugins.status(name) : Optional.empty();
	}

	private WebEndpointResponse<PluginOperation> response(int status, String name, @Nullable String problem) {
		return new WebEndpointResponse<>(
				new PluginOperation(problem, status(PLUGINS, name).map(PluginDescriptor::of).orElse(null)), status);
	}

	/**
	 * An operation on a plugin.
	 */
	private enum Action {

		START {

			@Override
			CompletionStage<PluginStatus> apply(Plugins plugins, String name) {
				return plugins.start(name);
			}

		},

		STOP {

			@Override
			CompletionStage<PluginStatus> apply(Plugins plugins, String name) {
				return plugins.stop(name);
			}

		},

		RESTART {

			@Override
			CompletionStage<PluginStatus> apply(Plugins plugins, String name) {
				return plugins.restart(name);
			}

		};

		abstract CompletionStage<PluginStatus> apply(Plugins plugins, String name);

		static @Nullable Action find(String name) {
			return Arrays.stream(values()).filter((action) -> action.text().equals(name)).findFirst().orElse(null);
		}

		static List<String> names() {
			return Arrays.stream(values()).map(Action::text).toList();
		}

		private String text() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

	/**
	 * Outcome of an operation.
	 *
	 * @param problem why the operation did not succeed, {@code null} after success
	 * @param plugin the current state of the plugin, {@code null} if the plugin does not
	 * exist
	 */
	record PluginOperation(@Nullable String problem,
			@Nullable PluginDescriptor plugin) implements OperationResponseBody {
	}

}
