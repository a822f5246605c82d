package dev.pluggable.sample.host;

import java.util.Optional;

import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateStore;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willThrow;

/**
 * Runs the application with a mock instead of its component.
 */
@SpringBootTest
class MockedComponentTests {

	@MockitoBean("orders")
	private StateStore store;

	@Autowired
	private VisitCounter counter;

	@Test
	void whenAnotherApplicationIsFasterThenTheVisitIsCountedAllTheSame() {
		given(this.store.get("visits")).willReturn(Optional.empty());
		willThrow(new EtagMismatchException("somebody was faster")).willDoNothing()
			.given(this.store)
			.set(any(SetRequest.class));
		assertThat(this.counter.increment()).isEqualTo(1);
	}

}
