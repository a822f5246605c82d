package dev.pluggable.sample.docs;

import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.spring.bindings.BindingListener;

import org.springframework.messaging.handler.annotation.Header;
import org.springframework.stereotype.Service;

@Service
class NightlyReport {

	private final AtomicInteger reports = new AtomicInteger();

	@BindingListener("midnight")
	void write(@Header("readTimeUTC") String time) {
		this.reports.incrementAndGet();
	}

	int reports() {
		return this.reports.get();
	}

}
