package dev.pluggable.sample.docs;

import dev.pluggable.spring.pubsub.PubSubTemplate;
import dev.pluggable.spring.pubsub.TopicListener;

import org.springframework.stereotype.Service;

@Service
class Shipping {

	private final PubSubTemplate template;

	Shipping(PubSubTemplate template) {
		this.template = template;
	}

	void place(Order order) {
		this.template.convertAndSend("orders", order);
	}

	@TopicListener(topic = "orders", attempts = "3", deadLetterTopic = "unshipped-orders")
	void ship(Order order) {
		this.template.convertAndSend("shipped", order.id());
	}

	record Order(String id, int amount) {
	}

}
