package dev.pluggable.sample.median;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import dev.pluggable.sample.proto.median.v1.ErrorLog;
import dev.pluggable.sample.proto.median.v1.MedianProto.SaveErrorRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the latest errors of the job, for the operators of the application.
 */
final class LatestErrors implements ErrorLog {

	private static final Logger logger = LoggerFactory.getLogger(LatestErrors.class);

	private static final int MAX_ERRORS = 20;

	private static final int MAX_LENGTH = 400;

	private final Deque<String> errors = new ArrayDeque<>();

	@Override
	public synchronized void saveError(SaveErrorRequest request) {
		String line = request.getMessage().replaceAll("\\p{C}+", " ");
		line = (line.length() <= MAX_LENGTH) ? line : line.substring(0, MAX_LENGTH) + "...";
		if (this.errors.size() == MAX_ERRORS) {
			this.errors.removeFirst();
		}
		this.errors.addLast(line);
		logger.warn("The median plugin reports: {}", line);
	}

	synchronized List<String> latest() {
		return List.copyOf(this.errors);
	}

}
