package dev.pluggable.observation;

import java.util.ArrayList;
import java.util.List;

import dev.pluggable.proto.components.v1.StateStoreGrpc;
import io.grpc.Metadata;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CompositeCallListener}.
 */
class CompositeCallListenerTests {

	private final List<String> heard = new ArrayList<>();

	@Test
	void allListenersHearTheStartInOrderAndTheEndInTheOppositeOrder() {
		CallListener all = CallListener.all(List.of(named("first"), named("second")));
		assertThat(all).isNotNull();
		Metadata headers = new Metadata();
		CallListener.End end = all.started(new ObservedCall("orders", "state", "h2", StateStoreGrpc.getGetMethod()),
				headers);
		assertThat(headers.keys()).containsExactlyInAnyOrder("first", "second");
		end.ended(CallResult.of(Status.OK, false), Status.OK);
		assertThat(this.heard).containsExactly("first started Get", "second started Get", "second ended OK",
				"first ended OK");
	}

	@Test
	void oneListenerStaysAsItIs() {
		CallListener listener = named("only");
		assertThat(CallListener.all(List.of(listener))).isSameAs(listener);
	}

	@Test
	void nobodyListensWithoutListeners() {
		assertThat(CallListener.all(List.of())).isNull();
	}

	private CallListener named(String name) {
		return (call, headers) -> {
			this.heard.add(name + " started " + call.operation());
			headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), "here");
			return (result, status) -> this.heard.add(name + " ended " + status.getCode());
		};
	}

}
