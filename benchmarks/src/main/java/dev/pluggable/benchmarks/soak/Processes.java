package dev.pluggable.benchmarks.soak;

import java.io.IOException;

/**
 * Processes that this program or its host started. No other process gets a signal.
 */
final class Processes {

	private Processes() {
	}

	static boolean isAlive(long pid) {
		return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
	}

	/**
	 * Send a signal to a descendant of this process. A process that has ended gets no
	 * signal.
	 * @param pid id of the process
	 * @param signal name of the signal
	 * @throws IOException if the process lives and is no descendant
	 */
	static void signal(long pid, String signal) throws IOException, InterruptedException {
		if (ProcessHandle.current().descendants().noneMatch((process) -> process.pid() == pid)) {
			if (isAlive(pid)) {
				throw new IOException("Process " + pid + " is not a descendant of this process");
			}
			return;
		}
		int status = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).inheritIO().start().waitFor();
		if (status != 0 && isAlive(pid)) {
			throw new IOException("Process " + pid + " cannot get the signal " + signal);
		}
	}

}
