package dev.pluggable.sample.median.plugins;

import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.pluggable.ComponentException;
import dev.pluggable.sample.proto.median.v1.MedianProto;

/**
 * The report on which the oracles agreed in a round.
 *
 * @param timestamp the round
 * @param answer the median of the observations
 * @param observers the oracles whose observations were used, in the order of their values
 * @param bytes the report as it was signed
 * @since 0.1.0
 */
public record Report(ReportTimestamp timestamp, long answer, List<Integer> observers, byte[] bytes) {

	public Report {
		observers = List.copyOf(observers);
	}

	/**
	 * Read a report of a plugin.
	 * @throws ComponentException if the bytes are no report
	 */
	static Report parse(ByteString bytes) {
		try {
			MedianProto.Report report = MedianProto.Report.parseFrom(bytes);
			if (!report.hasTimestamp()) {
				throw new InvalidProtocolBufferException("There is no timestamp");
			}
			return new Report(ReportTimestamp.of(report.getTimestamp()), report.getAnswer(), report.getObserversList(),
					bytes.toByteArray());
		}
		catch (InvalidProtocolBufferException ex) {
			throw new ComponentException("A plugin has sent a report that cannot be read", ex);
		}
	}

}
