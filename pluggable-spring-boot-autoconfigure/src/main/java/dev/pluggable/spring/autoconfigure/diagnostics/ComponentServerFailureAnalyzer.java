package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.server.ComponentServerException;
import dev.pluggable.transport.SocketPaths;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Failure analyzer for servers that cannot open their socket.
 */
class ComponentServerFailureAnalyzer extends AbstractFailureAnalyzer<ComponentServerException> {

	private static final String FOLDER = "The property 'pluggable.server.folder' sets the folder "
			+ "for beans that the application serves.";

	private static final String NAME = "The property 'pluggable.server.name' or @PluggableComponent sets the name "
			+ "for beans that the application serves.";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ComponentServerException cause) {
		String socket = (cause.getSocket() != null) ? cause.getSocket().toString() : "of the server";
		String action = switch (cause.getReason()) {
			case PATH_TOO_LONG -> "Use a shorter path: the path of a socket may have at most " + SocketPaths.MAX_BYTES
					+ " bytes, including the folders. " + FOLDER;
			case IN_USE -> "Stop the other server on the socket " + socket
					+ " ('ss -xlp' shows the processes that listen on sockets), or use another name. " + NAME;
			case NOT_A_SOCKET -> "Move the file at " + socket
					+ ", or use another name. The application does not delete the file, because the file is not a socket. "
					+ NAME;
			case PERMISSION_DENIED -> "Allow the user of this application to write to the folder of the socket "
					+ socket + ", or remove a socket there that belongs to another user. " + FOLDER;
			case UNTRUSTED_FOLDER -> "Take the write permission for the folder of the socket " + socket
					+ " from all other users. " + FOLDER + " If you trust everybody who can write to the folder, "
					+ "set 'pluggable.security.allow-untrusted-folders' to true.";
			case OTHER ->
				"Check the cause, and make sure that the application can create sockets in the folder of the socket "
						+ socket + ". " + FOLDER;
		};
		return Explanation.analysis(new Explanation().message(cause), new Explanation().line(action), cause);
	}

}
