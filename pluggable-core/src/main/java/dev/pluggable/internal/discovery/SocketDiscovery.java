package dev.pluggable.internal.discovery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SkippedEntry;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.internal.endpoint.EndpointClaims;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.internal.files.PathTrust;
import dev.pluggable.internal.support.LimitedLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source of the endpoints whose sockets are in watched folders.
 */
public final class SocketDiscovery implements EndpointSource {

	private static final Logger logger = LoggerFactory.getLogger(SocketDiscovery.class);

	private static final int MAX_SINGLE_LINES = 20;

	private static final int MAX_EXAMPLES = 5;

	/** Somebody is renaming sockets if more names than this are gone at once. */
	private static final int MAX_GONE = 100;

	private final Map<Path, SocketFolder> folders = new LinkedHashMap<>();

	private final EndpointClaims claims;

	private final LimitedLog lines = new LimitedLog("lines about skipped entries of socket folders");

	private final Map<String, SocketFile> chosen = new LinkedHashMap<>();

	/**
	 * Names of the endpoints that were offered, by their names in lower case.
	 */
	private final Map<String, String> offered = new HashMap<>();

	private List<FolderStatus> lastScanned = List.of();

	private Map<String, SocketFile> lastResult = Map.of();

	private @Nullable Map<String, SocketFile> reconciled;

	/** The names of the look before. */
	private Set<String> seen = Set.of();

	private volatile List<FolderStatus> statuses = List.of();

	private volatile @Nullable FolderWatcher watcher;

	/**
	 * Create a source that does not look at the folders yet.
	 * @param folders the folders, in order of precedence
	 * @param trust decides whether other users can change a folder
	 * @param allowUntrusted whether to use folders that other users can change
	 * @param claims the endpoints of the host
	 */
	public SocketDiscovery(Set<Path> folders, PathTrust trust, boolean allowUntrusted, EndpointClaims claims) {
		SocketNames names = new SocketNames();
		folders.forEach((folder) -> this.folders.put(folder, new SocketFolder(folder, trust, allowUntrusted, names)));
		this.claims = claims;
	}

	@Override
	public void start(Runnable hint) {
		this.watcher = new FolderWatcher(hint);
	}

	@Override
	public void reconcile() {
		Map<String, SocketFile> sockets = scan();
		if (sockets == this.reconciled) {
			// Each folder is read again after a while, and then there is another object.
			return;
		}
		this.reconciled = sockets;
		this.offered.entrySet().removeIf((offer) -> {
			boolean left = !sockets.containsKey(offer.getKey());
			if (left) {
				this.claims.withdraw(offer.getValue());
			}
			return left;
		});
		boolean renaming = this.seen.stream().filter((key) -> !sockets.containsKey(key)).count() > MAX_GONE;
		sockets.forEach((key, socket) -> {
			if (renaming && !this.seen.contains(key)) {
				// An endpoint would be work for nothing if the name is gone soon, too.
				this.reconciled = null;
				return;
			}
			this.offered.put(key, socket.name());
			this.claims.offer(socket.name(), EndpointTarget.of(socket));
		});
		this.seen = sockets.keySet();
	}

	/**
	 * Read all folders.
	 * @return the sockets by their names in lower case, one for each name
	 */
	Map<String, SocketFile> scan() {
		FolderWatcher watcher = this.watcher;
		List<FolderStatus> scanned = new ArrayList<>();
		this.folders.forEach((path, folder) -> {
			// The watch begins before the folder is read, so that no socket arrives
			// unseen in between.
			boolean watched = watcher != null && watcher.watch(path);
			scanned.add(folder.look(watched));
		});
		if (sameObjects(scanned, this.lastScanned)) {
			return this.lastResult;
		}
		this.lastScanned = scanned;
		Map<String, List<SocketFile>> byName = new LinkedHashMap<>();
		for (FolderStatus status : scanned) {
			for (SocketFile socket : status.sockets()) {
				byName.computeIfAbsent(socket.name().toLowerCase(Locale.ROOT), (name) -> new ArrayList<>()).add(socket);
			}
		}
		this.chosen.keySet().retainAll(byName.keySet());
		byName.forEach((name, candidates) -> this.chosen.compute(name, (key, earlier) -> choose(candidates, earlier)));
		List<FolderStatus> statuses = scanned.stream().map(this::withoutDoubles).toList();
		logChanges(this.statuses, statuses);
		this.statuses = statuses;
		this.lastResult = Map.copyOf(this.chosen);
		return this.lastResult;
	}

	private static boolean sameObjects(List<FolderStatus> left, List<FolderStatus> right) {
		if (left.size() != right.size()) {
			return false;
		}
		for (int i = 0; i < left.size(); i++) {
			if (left.get(i) != right.get(i)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Choose one of several sockets with one name. A socket that is in use stays in use.
	 * Otherwise the first one wins.
	 */
	private static SocketFile choose(List<SocketFile> candidates, @Nullable SocketFile earlier) {
		if (earlier != null) {
			for (SocketFile candidate : candidates) {
				if (candidate.path().equals(earlier.path())) {
					return candidate;
				}
			}
		}
		return candidates.get(0);
	}

	private FolderStatus withoutDoubles(FolderStatus status) {
		List<SocketFile> sockets = new ArrayList<>();
		List<SkippedEntry> skipped = new ArrayList<>(status.skipped());
		for (SocketFile socket : status.sockets()) {
			SocketFile winner = this.chosen.get(socket.name().toLowerCase(Locale.ROOT));
			if (winner == null || winner.equals(socket)) {
				sockets.add(socket);
			}
			else if (skipped.size() < FolderStatus.MAX_SKIPPED) {
				skipped.add(new SkippedEntry(socket.path().getFileName().toString(),
						"the name '" + socket.name() + "' is taken by " + winner.path()));
			}
		}
		return new FolderStatus(status.folder(), status.state(), status.reason(), status.watched(),
				List.copyOf(sockets), List.copyOf(skipped));
	}

	/**
	 * Log new entries that are skipped: one line each while they are few, and one line
	 * together otherwise. A folder whose entries change all the time has a bounded number
	 * of lines.
	 */
	private void logSkipped(Path folder, List<SkippedEntry> entries) {
		if (entries.isEmpty()) {
			return;
		}
		if (entries.size() <= MAX_SINGLE_LINES) {
			entries.forEach((entry) -> warn("Skipping '" + entry.entry() + "' in " + folder + ": " + entry.reason()));
			return;
		}
		String examples = entries.stream()
			.limit(MAX_EXAMPLES)
			.map((entry) -> "'" + entry.entry() + "' (" + entry.reason() + ")")
			.collect(Collectors.joining(", "));
		warn("Skipping " + entries.size() + " entries in " + folder + ", such as " + examples);
	}

	private void warn(String line) {
		this.lines.log(logger, line);
	}

	private void logChanges(List<FolderStatus> before, List<FolderStatus> now) {
		for (int i = 0; i < now.size(); i++) {
			FolderStatus status = now.get(i);
			FolderStatus earlier = (i < before.size()) ? before.get(i) : null;
			if (earlier == null || earlier.state() != status.state()
					|| !Objects.equals(earlier.reason(), status.reason())) {
				logState(status, earlier == null);
			}
			if (earlier == null || !earlier.skipped().equals(status.skipped())) {
				Set<SkippedEntry> known = (earlier != null) ? Set.copyOf(earlier.skipped()) : Set.of();
				logSkipped(status.folder(),
						status.skipped().stream().filter((entry) -> !known.contains(entry)).toList());
			}
		}
	}

	private static void logState(FolderStatus status, boolean first) {
		switch (status.state()) {
			case READABLE -> logger.info("Looking for components in {}", status.folder());
			case MISSING -> {
				if (first) {
					logger.info("Looking for components in {}, which does not exist yet", status.folder());
				}
				else {
					logger.warn("Socket folder {} has gone", status.folder());
				}
			}
			case UNREADABLE, REFUSED ->
				logger.warn("Socket folder {} cannot be used: {}", status.folder(), status.reason());
		}
	}

	/**
	 * Return the folders as the last reconciliation found them. May be called from any
	 * thread.
	 * @return one status for each folder, in order of precedence; empty before the first
	 * reconciliation
	 */
	public List<FolderStatus> statuses() {
		return this.statuses;
	}

	@Override
	public void close() {
		FolderWatcher watcher = this.watcher;
		if (watcher != null) {
			watcher.close();
		}
	}

}
