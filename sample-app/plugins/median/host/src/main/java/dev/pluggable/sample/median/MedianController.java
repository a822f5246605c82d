package dev.pluggable.sample.median;

import java.util.List;

import dev.pluggable.remote.RemoteObjectStatus;
import dev.pluggable.sample.proto.median.v1.MedianProto.Report;
import dev.pluggable.sample.proto.median.v1.MedianProto.Transmission;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Offers the job over HTTP.
 */
@RestController
class MedianController {

	private final MedianJob job;

	private final MemoryKeystore keystore;

	private final LatestErrors errors;

	MedianController(MedianJob job, MemoryKeystore keystore, LatestErrors errors) {
		this.job = job;
		this.keystore = keystore;
		this.errors = errors;
	}

	@PostMapping("/rounds")
	RoundView round() {
		return this.job.round().map(RoundView::of).orElse(RoundView.NOTHING_NEW);
	}

	@GetMapping("/median")
	JobView state() {
		Transmission latest = this.job.latest();
		return new JobView(this.job.rounds(), (latest != null) ? view(latest) : null, this.job.objects(),
				this.job.watch().opened(), this.errors.latest());
	}

	private TransmissionView view(Transmission transmission) {
		Report report = MedianJob.report(transmission.getReport());
		boolean signed = this.keystore.verify(transmission.getAccount(), transmission.getReport(),
				transmission.getSignature());
		return new TransmissionView(report.getTimestamp().getRound(), report.getAnswer(), transmission.getAccount(),
				signed);
	}

	/**
	 * The result of a round.
	 *
	 * @param transmitted whether the round transmitted a report
	 * @param round number of the round
	 * @param answer the median
	 * @param observers the oracles, in the order of their values
	 */
	record RoundView(boolean transmitted, @Nullable Integer round, @Nullable Long answer, List<Integer> observers) {

		static final RoundView NOTHING_NEW = new RoundView(false, null, null, List.of());

		static RoundView of(Report report) {
			return new RoundView(true, report.getTimestamp().getRound(), report.getAnswer(), report.getObserversList());
		}

	}

	/**
	 * The state of the job.
	 *
	 * @param rounds number of the round that was begun last
	 * @param latest the latest transmission
	 * @param objects the remote objects of the job, each after the object that created it
	 * @param streams how many attempts to open the stream of transmissions there were
	 * @param errors the latest errors
	 */
	record JobView(int rounds, @Nullable TransmissionView latest, List<RemoteObjectStatus> objects, long streams,
			List<String> errors) {
	}

	/**
	 * A transmission.
	 *
	 * @param round number of the round
	 * @param answer the median
	 * @param account the account that signed it
	 * @param signed whether the signature is right
	 */
	record TransmissionView(int round, long answer, String account, boolean signed) {
	}

}
