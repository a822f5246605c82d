package dev.pluggable.sample.median.plugins;

import com.google.protobuf.ByteString;
import dev.pluggable.sample.proto.median.v1.MedianProto;

/**
 * A round of a protocol instance.
 *
 * @param configDigest the protocol instance
 * @param epoch from 1
 * @param round from 1 in each epoch
 * @since 0.1.0
 */
public record ReportTimestamp(byte[] configDigest, int epoch, int round) {

	static ReportTimestamp of(MedianProto.ReportTimestamp timestamp) {
		return new ReportTimestamp(timestamp.getConfigDigest().toByteArray(), timestamp.getEpoch(),
				timestamp.getRound());
	}

	MedianProto.ReportTimestamp toProto() {
		return MedianProto.ReportTimestamp.newBuilder()
			.setConfigDigest(ByteString.copyFrom(this.configDigest))
			.setEpoch(this.epoch)
			.setRound(this.round)
			.build();
	}

}
