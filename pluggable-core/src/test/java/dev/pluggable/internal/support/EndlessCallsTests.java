package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.FakeCall;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.fixtures.Texts;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EndlessCalls}, with fake time.
 */
class EndlessCallsTests {

	private static final Duration LIMIT = Duration.ofMillis(1500);

	private static final MethodDescriptor<String, String> METHOD = Texts.method("test.Thing", "Watch",
			MethodDescriptor.MethodType.BIDI_STREAMING);

	private final FakeHostThread host = new FakeHostThread();

	private final List<FakeCall<?, ?>> made = new ArrayList<>();

	private final List<Status> outcomes = new ArrayList<>();

	private final EndlessCalls calls = new EndlessCalls();

	@Test
	void whenTheGenerationIsReplacedThenACallWithoutADeadlineEndsAfterItsLimit() {
		call(CallOptions.DEFAULT);
		this.host.advance(Duration.ofHours(1));
		this.calls.replaced(this.host.thread());
		this.host.advance(LIMIT.minusMillis(1));
		assertThat(this.outcomes).isEmpty();
		this.host.advance(Duration.ofMillis(1));
		assertUnavailable();
	}

	@Test
	void whenACallEndsInTimeThenItKeepsItsStatus() {
		call(CallOptions.DEFAULT);
		this.calls.replaced(this.host.thread());
		this.made.get(0).end(Status.NOT_FOUND);
		this.host.advance(LIMIT);
		assertThat(this.outcomes).containsExactly(Status.NOT_FOUND);
	}

	@Test
	void whenACallerCancelsThenTheStatusTellsThat() {
		ClientCall<String, String> call = call(CallOptions.DEFAULT);
		this.calls.replaced(this.host.thread());
		call.cancel("not needed", null);
		this.host.advance(LIMIT);
		assertThat(this.outcomes).singleElement()
			.satisfies((status) -> assertThat(status.getCode()).isEqualTo(Status.Code.CANCELLED));
	}

	@Test
	void whenACallBeginsAfterTheReplacementThenItHasTheSameLimit() {
		this.calls.replaced(this.host.thread());
		this.host.advance(LIMIT);
		call(CallOptions.DEFAULT);
		this.host.advance(LIMIT.minusMillis(1));
		assertThat(this.outcomes).isEmpty();
		this.host.advance(Duration.ofMillis(1));
		assertUnavailable();
	}

	@Test
	void whenACallHasADeadlineThenItsDeadlineCounts() {
		call(CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.HOURS));
		Context.CancellableContext context = Context.current()
			.withDeadlineAfter(1, TimeUnit.HOURS, this.host.thread().scheduler());
		context.run(() -> call(CallOptions.DEFAULT));
		this.calls.replaced(this.host.thread());
		this.host.advance(Duration.ofMinutes(30));
		assertThat(this.outcomes).isEmpty();
		context.cancel(null);
	}

	@Test
	void whenTheCallerHandsACallOverThenTheCallerEndsIt() {
		call(CallOptions.DEFAULT.withOption(EndlessCalls.HANDED_OVER, true));
		this.calls.replaced(this.host.thread());
		this.host.advance(Duration.ofMinutes(30));
		assertThat(this.outcomes).isEmpty();
	}

	private ClientCall<String, String> call(CallOptions options) {
		ClientCall<String, String> call = this.calls.newCall(new MadeCalls(), METHOD, options, LIMIT);
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				EndlessCallsTests.this.outcomes.add(status);
			}

		}, new Metadata());
		return call;
	}

	private void assertUnavailable() {
		assertThat(this.outcomes).singleElement().satisfies((status) -> {
			assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
			assertThat(status.getDescription()).isEqualTo("The connection of this call was replaced, and the call, "
					+ "which has no deadline, did not end within 1500ms (call-timeout)");
		});
	}

	private final class MadeCalls extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			FakeCall<Q, R> call = new FakeCall<>();
			EndlessCallsTests.this.made.add(call);
			return call;
		}

		@Override
		public String authority() {
			return "fake";
		}

	}

}
