package dev.pluggable.sample.host;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Counts visits, and shows the number of orders.
 */
@RestController
class CounterController {

	private final VisitCounter counter;

	private final OrderCounter orders;

	CounterController(VisitCounter counter, OrderCounter orders) {
		this.counter = counter;
		this.orders = orders;
	}

	@PostMapping("/counter")
	Visits visit() {
		return new Visits(this.counter.increment());
	}

	@GetMapping("/orders/count")
	Orders orders() {
		return new Orders(this.orders.orders());
	}

	/**
	 * The answer.
	 *
	 * @param orders how many messages of the topic were counted
	 */
	record Orders(long orders) {
	}

	/**
	 * The answer.
	 *
	 * @param visits how many there were, this one included
	 */
	record Visits(long visits) {
	}

}
