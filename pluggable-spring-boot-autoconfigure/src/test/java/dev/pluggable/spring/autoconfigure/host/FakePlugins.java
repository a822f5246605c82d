package dev.pluggable.spring.autoconfigure.host;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginGuard;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import org.jspecify.annotations.Nullable;

/**
 * Plugins without processes. Tests set the status of each plugin.
 */
public class FakePlugins implements Plugins {

	/**
	 * Time of all events.
	 */
	public static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

	/**
	 * Requested operations, such as {@code restart relayer}.
	 */
	public final List<String> calls = new CopyOnWriteArrayList<>();

	/**
	 * Result of the next calls, {@code null} for success.
	 */
	public volatile @Nullable CompletionStage<PluginStatus> outcome;

	private final Map<String, PluginStatus> statuses = new TreeMap<>();

	/**
	 * Add a plugin.
	 */
	public synchronized void put(PluginStatus status) {
		this.statuses.put(status.name(), status);
	}

	/**
	 * Create the status of a plugin whose process answers or has ended. The plugin
	 * {@code needed} is required.
	 */
	public static PluginStatus status(String name, PluginState state, @Nullable String reason) {
		boolean alive = state == PluginState.READY;
		return new PluginStatus(name, state, reason, SINCE, alive ? 4711L : null, 3, 2, alive ? SINCE : null,
				PluginProtocol.GO_PLUGIN, alive ? 1 : null, true, true, alive ? PluginGuard.SUBREAPER : null, 137,
				List.of("panic: no"),
				List.of(new BrokeredConnection(1, "keystore", SINCE), new BrokeredConnection(2, "data", SINCE)),
				List.of(new BrokeredConnection(1, "provider", SINCE)), alive, name.equals("needed"));
	}

	@Override
	public synchronized List<PluginStatus> statuses() {
		return new ArrayList<>(this.statuses.values());
	}

	@Override
	public synchronized Optional<PluginStatus> status(String name) {
		return Optional.ofNullable(this.statuses.get(name));
	}

	@Override
	public CompletionStage<PluginStatus> start(String name) {
		return call("start", name);
	}

	@Override
	public CompletionStage<PluginStatus> stop(String name) {
		return call("stop", name);
	}

	@Override
	public CompletionStage<PluginStatus> restart(String name) {
		return call("restart", name);
	}

	private CompletionStage<PluginStatus> call(String action, String name) {
		this.calls.add(action + " " + name);
		CompletionStage<PluginStatus> outcome = this.outcome;
		return (outcome != null) ? outcome : CompletableFuture.completedFuture(status(name).orElseThrow());
	}

}
