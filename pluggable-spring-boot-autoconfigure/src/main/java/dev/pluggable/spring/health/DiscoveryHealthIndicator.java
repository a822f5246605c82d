package dev.pluggable.spring.health;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Health of discovery. Discovery is down if an existing folder is unreadable. A missing
 * folder does not count, because a component may create the folder later.
 */
final class DiscoveryHealthIndicator implements HealthIndicator {

	static final int MAX_PROBLEMS = 50;

	private final ComponentHost host;

	private final @Nullable List<Map<String, Object>> waitingListeners;

	DiscoveryHealthIndicator(ComponentHost host, @Nullable List<Map<String, Object>> waitingListeners) {
		this.host = host;
		this.waitingListeners = waitingListeners;
	}

	@Override
	public Health health() {
		List<FolderStatus> folders = this.host.folders();
		return new HealthDetails().with("transport", this.host.transport().name().toLowerCase(Locale.ROOT))
			.with("folders", folders.stream().map(DiscoveryHealthIndicator::describe).toList())
			.with("waitingListeners", this.waitingListeners)
			.health(folders.stream().anyMatch(DiscoveryHealthIndicator::isUnusable) ? Status.DOWN : Status.UP);
	}

	private static boolean isUnusable(FolderStatus folder) {
		return folder.state() == FolderStatus.State.UNREADABLE || folder.state() == FolderStatus.State.REFUSED;
	}

	private static Map<String, Object> describe(FolderStatus folder) {
		return new HealthDetails().with("path", folder.folder().toString())
			.with("state", folder.state())
			.with("reason", folder.reason())
			.with("watched", folder.watched())
			.with("sockets", folder.sockets().size())
			.with("skipped", folder.skipped().size())
			.with("problems", problems(folder))
			.asMap();
	}

	private static @Nullable List<Map<String, Object>> problems(FolderStatus folder) {
		if (folder.skipped().isEmpty()) {
			return null;
		}
		return folder.skipped()
			.stream()
			.limit(MAX_PROBLEMS)
			.map((skipped) -> new HealthDetails().with("entry", skipped.entry())
				.with("reason", skipped.reason())
				.asMap())
			.toList();
	}

}
