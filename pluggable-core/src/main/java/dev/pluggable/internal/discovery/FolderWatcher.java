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
 * Calls a hint when the operating system reports a change in a folder. The watcher
 * ignores the contents of a report, so a lost report does no harm. If a folder is deleted
 * and created again, {@link #watch} watches the new one.
 */
final class FolderWatcher implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(FolderWatcher.class);

	private static final long CLOSE_TIMEOUT_MILLIS = 2000;

	/**
	 * Pause after a hint. Changes during the pause cause one hint together.
	 */
	private static final long PAUSE_MILLIS = 200;

	private final @Nullable WatchService service;

	private final @Nullable Thread thread;

	private final Map<Path, Watch> watches = new HashMap<>();

	FolderWatcher(Runnable hint) {
		WatchService opened = null;
		try {
			opened = FileSystems.getDefault().newWatchService();
		}
		catch (IOException ex) {
			logger.warn(
					"The operating system does not watch socket folders, so the host finds changes only when it reads them: {}",
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
				// A folder that changes all the time is read a bounded number of times.
				Thread.sleep(PAUSE_MILLIS);
			}
		}
		catch (ClosedWatchServiceException | InterruptedException ex) {
			// The watcher was closed.
		}
	}

	/**
	 * Watch a folder, unless this watcher does so already.
	 * @return whether the folder exists and is watched
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
				this.thread.interrupt();
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
