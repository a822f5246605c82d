package dev.pluggable.sample.docs;

import java.util.List;
import java.util.stream.Stream;

import dev.pluggable.spring.state.StateTemplate;

import org.springframework.stereotype.Service;

@Service
class Baskets {

	private final StateTemplate state;

	Baskets(StateTemplate state) {
		this.state = state;
	}

	void add(String customer, String article) {
		this.state.update(customer, Basket.class,
				(basket) -> (basket != null) ? basket.with(article) : new Basket(List.of(article)));
	}

	List<String> articles(String customer) {
		return this.state.get(customer, Basket.class).map(Basket::articles).orElse(List.of());
	}

	record Basket(List<String> articles) {

		Basket with(String article) {
			return new Basket(Stream.concat(this.articles.stream(), Stream.of(article)).toList());
		}

	}

}
