package dev.pluggable.contract;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.fixtures.TestGeneration;
import dev.pluggable.fixtures.contract.v1.CounterGrpc;
import dev.pluggable.fixtures.contract.v1.SetupRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests the initialisation of a component by {@link GenerationReferences}, without a
 * process.
 */
class GenerationReferencesTests {

	private final AtomicInteger requests = new AtomicInteger();

	private final TestGeneration generation = TestGeneration.of(new NoCalls());

	@Test
	void whenTheRequestIsThereTooLateThenNothingIsServedAndNothingIsCalled() {
		assertThat(GenerationReferences.initialize(this.generation, () -> {
			this.generation.end();
			return initialization();
		})).isCompletedWithValue(Set.of());
		assertThat(this.requests).hasValue(0);
	}

	@Test
	void whenTheProcessHasEndedThenTheApplicationIsNotAsked() {
		this.generation.end();
		assertThat(GenerationReferences.initialize(this.generation, this::initializationOfAnEndedProcess))
			.isCompletedWithValue(Set.of());
	}

	@Test
	void whenASupplierReturnsNoRequestThenTheFailureSaysSo() {
		Map<String, SetupRequest> none = Map.of();
		assertThatNullPointerException()
			.isThrownBy(
					() -> ReferenceCalls.call(this.generation.channel(), CounterGrpc.getSetupMethod(), none.get("k")))
			.withMessage("The request of Setup is null");
	}

	private @Nullable Initialization<?> initializationOfAnEndedProcess() {
		throw new AssertionError("Nobody needs a request");
	}

	private Initialization<SetupRequest> initialization() {
		return new Initialization<>(CounterGrpc.getSetupMethod(), (references) -> {
			this.requests.incrementAndGet();
			return SetupRequest.getDefaultInstance();
		});
	}

	/**
	 * Fails each call.
	 */
	private static final class NoCalls extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			throw new AssertionError("Nothing is called");
		}

		@Override
		public String authority() {
			return "none";
		}

	}

}
