package dev.pluggable.internal.process;

import java.nio.file.Path;
import java.util.List;

/**
 * Finds the processes of plugins that outlived their tests.
 */
public final class LeftProcesses {

	private LeftProcesses() {
	}

	/**
	 * Return the processes of plugins whose run directories are in a folder.
	 */
	public static List<ProcessHandle> of(Path folder) {
		return MarkedProcesses.find((marker) -> marker.startsWith(folder.toString()))
			.stream()
			.map(OwnedProcess::handle)
			.toList();
	}

}
