package dev.pluggable.internal.process;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;

import dev.pluggable.internal.transport.Transport;

/**
 * The things that all launches of one launcher share.
 *
 * @param directories creates the run directories
 * @param transport detects listening sockets
 * @param environment environment of the application
 * @param executor threads that may be blocked
 * @param starter starts the processes
 * @param exitGrace longest time between the exit of a process and the end of its output
 */
record LaunchContext(RunDirectories directories, Transport transport, Map<String, String> environment,
		Executor executor, ProcessStarter starter, Duration exitGrace) {
}
