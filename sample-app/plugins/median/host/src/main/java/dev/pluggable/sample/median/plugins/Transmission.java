package dev.pluggable.sample.median.plugins;

import dev.pluggable.sample.proto.median.v1.MedianProto;

/**
 * A report on the chain.
 *
 * @param report the report
 * @param account the account that signed it
 * @param signature the signature of its bytes
 * @since 0.1.0
 */
public record Transmission(Report report, String account, byte[] signature) {

	static Transmission of(MedianProto.Transmission transmission) {
		return new Transmission(Report.parse(transmission.getReport()), transmission.getAccount(),
				transmission.getSignature().toByteArray());
	}

}
