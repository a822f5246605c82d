package dev.pluggable.sample.host;

import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.state.StateStore;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/**
 * Counts the messages of the topic {@code orders} of the component {@code bus} in the
 * state store {@code orders}. No message is lost while the store is unavailable: the
 * listener throws an exception then, and the message comes again. A message may be
 * counted twice, if the store counted it and the answer was lost.
 */
@Service
class OrderCounter {

	private static final String KEY = "order-count";

	private final StateTemplate state;

	OrderCounter(@Qualifier("orders") StateStore store, JsonMapper mapper) {
		this.state = new StateTemplate(store, mapper);
	}

	/**
	 * Count an order. The content does not matter.
	 */
	@TopicListener(pubsub = "bus", topic = "orders")
	void count(byte[] order) {
		this.state.update(KEY, Long.class, (count) -> (count != null) ? count + 1 : 1L);
	}

	/**
	 * The number of counted orders.
	 */
	long orders() {
		return this.state.get(KEY, Long.class).orElse(0L);
	}

}
