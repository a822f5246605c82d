package dev.pluggable.sample.docs;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentState;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Service;

@Service
class ComponentAlarm {

	private final Queue<String> alarms = new ConcurrentLinkedQueue<>();

	@EventListener
	void changed(ComponentEvent event) {
		if (event.status().state() == ComponentState.UNAVAILABLE) {
			this.alarms.add(event.component().name() + ": " + event.status().reason());
		}
	}

	Queue<String> alarms() {
		return this.alarms;
	}

}
