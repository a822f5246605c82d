package dev.pluggable.sample.median.plugins;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The steps of a round, in this order: one query, the observation of each oracle, the
 * report. Only the plugin reads queries and observations.
 *
 * @since 0.1.0
 */
public interface ReportingPlugin extends PluginObject {

	/**
	 * Make the query that the leader of a round sends to all oracles.
	 * @param timestamp the round
	 * @return the query
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	byte[] query(ReportTimestamp timestamp);

	/**
	 * Make the observation of one oracle.
	 * @param timestamp the round
	 * @param query the query of the leader
	 * @return the observation, for the leader
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	byte[] observation(ReportTimestamp timestamp, byte[] query);

	/**
	 * Make a report of the median of the observations, and transmit the report.
	 * @param timestamp the round
	 * @param query the query of the leader
	 * @param observations the observations of the oracles, in the order of the oracles'
	 * numbers from 0
	 * @return the transmitted report, empty if the contract had the same answer at the
	 * time of the query
	 * @throws dev.pluggable.PluggableException if the call fails; the report may have
	 * been transmitted nevertheless
	 */
	Optional<Report> report(ReportTimestamp timestamp, byte[] query, List<byte[]> observations);

	/**
	 * Follow the transmissions: the latest, if there is one, and all later ones. The
	 * watch opens the stream again after each end.
	 * @param listener told of each transmission, one after another, on a thread that it
	 * must not block for long; the same transmission may come again
	 * @return the watch, to be closed by the caller
	 */
	TransmissionWatch watchTransmissions(Consumer<Transmission> listener);

}
