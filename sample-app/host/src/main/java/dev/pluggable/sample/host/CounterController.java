package dev.pluggable.sample.host;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Counts visits.
 */
@RestController
class CounterController {

	private final VisitCounter counter;

	CounterController(VisitCounter counter) {
		this.counter = counter;
	}

	@PostMapping("/counter")
	Visits visit() {
		return new Visits(this.counter.increment());
	}

	/**
	 * The answer.
	 *
	 * @param visits how many there were, this one included
	 */
	record Visits(long visits) {
	}

}
