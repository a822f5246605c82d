package dev.pluggable.internal.discovery;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;

import dev.pluggable.internal.support.DaemonThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the operating system tell when something in a folder changes. What it tells is a
 * hint to look, no more: events are not read, so that lost and overflowing ones do no
 * harm. A folder that is deleted and made again is watched again.
 */
final class FolderWatcher implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(FolderWatcher.class);

	private static final long CLOSE_TIMEOUT_MILLIS = 2000;

	private final @Nullable WatchService service;

	private final @Nullable Thread thread;

	private final Map<Path, Watch> watches = new HashMap<>();

	FolderWatcher(Runnable hint) {
		WatchService opened = null;
		try {
			opened = FileSystems.getDefault().newWatchService();
		}
		catch (IOException ex) {
			logger.warn("Socket folders cannot be watched, changes are found by the periodic look alone: {}",
					ex.toString());
		}
		this.service = opened;
		this.thread = (opened != null) ? start(opened, hint) : null;
	}

	private static Thread start(WatchService service, Runnable hint) {
		Thread thread = DaemonThreads.named("pluggable-watch").newThread(() -> take(service, hint));
		thread.start();
		return thread;
	}

	private static void take(WatchService service, Runnable hint) {
		try {
			while (true) {
				WatchKey key = service.take();
				key.pollEvents();
				key.reset();
				hint.run();
			}
		}
		catch (ClosedWatchServiceException | InterruptedException ex) {
			// Closed: the end of the thread.
		}
	}

	/**
	 * Make sure that a folder is watched, if it is there.
	 * @return whether it is watched
	 */
	boolean watch(Path folder) {
		WatchService service = this.service;
		if (service == null) {
			return false;
		}
		Object identity = identity(folder);
		Watch watch = this.watches.get(folder);
		if (watch != null && watch.key().isValid() && watch.identity().equals(identity)) {
			return true;
		}
		if (watch != null) {
			watch.key().cancel();
			this.watches.remove(folder);
		}
		if (identity == null) {
			return false;
		}
		try {
			WatchKey key = folder.register(service, StandardWatchEventKinds.ENTRY_CREATE,
					StandardWatchEventKinds.ENTRY_DELETE);
			this.watches.put(folder, new Watch(key, identity));
			return true;
		}
		catch (IOException | RuntimeException ex) {
			logger.debug("Cannot watch {}", folder, ex);
			return false;
		}
	}

	private static @Nullable Object identity(Path folder) {
		try {
			return Files.getAttribute(folder, "unix:dev") + ":" + Files.getAttribute(folder, "unix:ino");
		}
		catch (IOException ex) {
			return null;
		}
	}

	@Override
	public void close() {
		try {
			if (this.service != null) {
				this.service.close();
			}
			if (this.thread != null) {
				this.thread.join(CLOSE_TIMEOUT_MILLIS);
			}
		}
		catch (IOException ex) {
			logger.debug("Closing the watch service failed", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private record Watch(WatchKey key, Object identity) {
	}

}
