package dev.pluggable.sample.median.plugins;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What happens in a round, in this order: one query, the observation of each oracle, the
 * report. Queries and observations are for the plugin alone to read.
 *
 * @since 0.1.0
 */
public interface ReportingPlugin extends PluginObject {

	/**
	 * What the leader of a round asks all oracles.
	 * @param timestamp the round
	 * @return goes to all oracles
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	byte[] query(ReportTimestamp timestamp);

	/**
	 * What one oracle observes.
	 * @param timestamp the round
	 * @param query what the leader asks
	 * @return goes to the leader
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	byte[] observation(ReportTimestamp timestamp, byte[] query);

	/**
	 * Make the median of the observations a report, and transmit it.
	 * @param timestamp the round
	 * @param query what the leader asked
	 * @param observations what the oracles answered, in the order of their numbers from 0
	 * @return the report as transmitted, empty if it would be what the contract had at
	 * the time of the query
	 * @throws dev.pluggable.PluggableException if the call fails; it may have been
	 * transmitted all the same
	 */
	Optional<Report> report(ReportTimestamp timestamp, byte[] query, List<byte[]> observations);

	/**
	 * Follow the transmissions: the latest, if there is one, and those that come. Goes on
	 * whatever ends the stream on its way.
	 * @param listener told of each, one after another, on a thread that it may not hold
	 * up for long; may be told of the same one again
	 * @return the watch, to be closed by the caller
	 */
	TransmissionWatch watchTransmissions(Consumer<Transmission> listener);

}
