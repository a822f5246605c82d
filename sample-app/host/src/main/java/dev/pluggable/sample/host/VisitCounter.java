package dev.pluggable.sample.host;

import java.util.Optional;

import dev.pluggable.state.Concurrency;
import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/**
 * Counts visits in the state store {@code orders}. No visit is lost when several
 * applications count at the same time: a counter that finds another etag tries again.
 */
@Service
class VisitCounter {

	private static final String KEY = "visits";

	private static final int MAX_ATTEMPTS = 100;

	private final StateStore store;

	VisitCounter(@Qualifier("orders") StateStore store) {
		this.store = store;
	}

	/**
	 * Count a visit.
	 * @return the number of visits, this one included
	 * @throws EtagMismatchException if other applications were faster in all attempts
	 */
	long increment() {
		for (int attempt = 1;; attempt++) {
			Optional<StateItem> current = this.store.get(KEY);
			long visits = current.map((item) -> Long.parseLong(item.text())).orElse(0L) + 1;
			try {
				this.store.set(SetRequest.of(KEY, Long.toString(visits))
					.withContentType("text/plain")
					.withEtag(current.map(StateItem::etag).orElse(null))
					.withConcurrency(Concurrency.FIRST_WRITE));
				return visits;
			}
			catch (EtagMismatchException ex) {
				if (attempt == MAX_ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

}
