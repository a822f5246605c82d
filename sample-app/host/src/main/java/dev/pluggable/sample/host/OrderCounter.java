package dev.pluggable.sample.host;

import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.state.StateStore;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/**
 * Counts the messages of the topic {@code orders} of the component {@code bus} in the
 * state store {@code orders}. While the store is not there, the messages are not lost:
 * who throws an exception gets them again. So one may be counted twice, if the store has
 * counted it and could not say so any more.
 */
@Service
class OrderCounter {

	private static final String KEY = "order-count";

	private final StateTemplate state;

	OrderCounter(@Qualifier("orders") StateStore store, JsonMapper mapper) {
		this.state = new StateTemplate(store, mapper);
	}

	/**
	 * Count an order, whatever it says.
	 */
	@TopicListener(pubsub = "bus", topic = "orders")
	void count(byte[] order) {
		this.state.update(KEY, Long.class, (count) -> (count != null) ? count + 1 : 1L);
	}

	/**
	 * How many orders there were.
	 */
	long orders() {
		return this.state.get(KEY, Long.class).orElse(0L);
	}

}
