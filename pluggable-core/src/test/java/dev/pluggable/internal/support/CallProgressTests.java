package dev.pluggable.internal.support;

import java.util.concurrent.atomic.AtomicReference;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CallProgress}.
 */
class CallProgressTests {

	private static final CallOptions PREPARED = CallOptions.DEFAULT.withStreamTracerFactory(CallProgress.OF_HOLDER);

	private final CallProgress progress = new CallProgress();

	private static ClientStreamTracer startStream(CallOptions options) {
		assertThat(options.getStreamTracerFactories()).hasSize(1);
		return options.getStreamTracerFactories()
			.get(0)
			.newClientStreamTracer(ClientStreamTracer.StreamInfo.newBuilder().setCallOptions(options).build(),
					new Metadata());
	}

	@Test
	void whenTheOptionsArePreparedThenTheyAreNotCopiedAndTheStreamTellsTheProgress() {
		CallOptions options = PREPARED.withExecutor(new TestHolder());
		assertThat(this.progress.observe(options)).isSameAs(options);
		ClientStreamTracer tracer = startStream(options);
		assertThat(this.progress.sent()).isFalse();
		tracer.outboundHeaders();
		assertThat(this.progress.sent()).isTrue();
		assertThat(this.progress.answered()).isFalse();
		tracer.inboundHeaders(new Metadata());
		assertThat(this.progress.answered()).isTrue();
	}

	@Test
	void whenTheExecutorIsNoHolderThenTheStreamTellsTheProgress() {
		CallOptions options = this.progress.observe(CallOptions.DEFAULT.withExecutor(Runnable::run));
		startStream(options).inboundTrailers(new Metadata());
		assertThat(this.progress.answered()).isTrue();
	}

	@Test
	void whenTheOptionsAreNotPreparedThenTheStreamTellsTheProgress() {
		CallOptions options = this.progress.observe(CallOptions.DEFAULT.withExecutor(new TestHolder()));
		startStream(options).outboundHeaders();
		assertThat(this.progress.sent()).isTrue();
	}

	@Test
	void whenAnotherAttemptBeginsThenTheEarlierOneCountsAsSentAndAnswered() {
		CallOptions options = PREPARED.withExecutor(new TestHolder());
		this.progress.observe(options);
		CallProgress second = new CallProgress();
		second.observe(options);
		assertThat(this.progress.sent()).isTrue();
		assertThat(this.progress.answered()).isTrue();
		assertThat(second.sent()).isFalse();
		startStream(options).outboundHeaders();
		assertThat(second.sent()).isTrue();
	}

	@Test
	void whenNobodyObservesThenStreamsStartNevertheless() {
		startStream(PREPARED.withExecutor(Runnable::run)).outboundHeaders();
		startStream(PREPARED.withExecutor(new TestHolder())).outboundHeaders();
		assertThat(this.progress.sent()).isFalse();
	}

	private static final class TestHolder implements CallProgress.Holder {

		private final AtomicReference<@Nullable CallProgress> progress = new AtomicReference<>();

		@Override
		public @Nullable CallProgress progress() {
			return this.progress.get();
		}

		@Override
		public @Nullable CallProgress replaceProgress(CallProgress progress) {
			return this.progress.getAndSet(progress);
		}

		@Override
		public void execute(Runnable task) {
			task.run();
		}

	}

}
