package org.example;

import java.time.Duration;
import java.util.function.Consumer;

import dev.pluggable.Draining;

/**
 * The interface that an application injects.
 */
interface Thermometer {

	/**
	 * Read the temperature of a room.
	 * @throws NoSuchRoomException if there is no such room
	 */
	double celsius(String room);

	/**
	 * Handle the alarms of all rooms.
	 * @param timeout time for one alarm
	 */
	Draining alarms(Duration timeout, Consumer<String> handler);

}
