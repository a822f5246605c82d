package dev.pluggable.bindings;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The behaviour of an output binding that is a mailbox, however it is called. The
 * operation {@code create} returns the id of the new item, {@code get} and {@code delete}
 * take the id as the metadata {@code id}, and {@code list} returns all ids as a JSON
 * array.
 */
public abstract class OutputBindingBehaviour {

	private static final byte[] EMPTY = new byte[0];

	/**
	 * The binding under test.
	 * @return the same mailbox at each call within a test
	 */
	protected abstract OutputBinding output();

	private String create(byte[] data) {
		return text(output().invoke(BindingOperations.CREATE, data).data());
	}

	private InvokeResponse invoke(String operation, String id) {
		return output().invoke(InvokeRequest.of(operation, EMPTY).withMetadata(Map.of("id", id)));
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.UTF_8);
	}

	@Test
	void whenAskedThenTheOperationsAreTold() {
		assertThat(output().operations()).contains(BindingOperations.CREATE, BindingOperations.GET,
				BindingOperations.LIST, BindingOperations.DELETE);
	}

	@Test
	void whenCreatedThenItIsThereUntilDeleted() {
		byte[] data = { 0, 1, -1, 'x' };
		String id = create(data);
		assertThat(id).isNotEmpty();
		InvokeResponse item = invoke(BindingOperations.GET, id);
		assertThat(item.data()).isEqualTo(data);
		assertThat(item.metadata()).containsEntry("id", id);
		assertThat(text(output().invoke(BindingOperations.LIST, EMPTY).data())).contains("\"" + id + "\"");
		invoke(BindingOperations.DELETE, id);
		assertThat(text(output().invoke(BindingOperations.LIST, EMPTY).data())).doesNotContain(id);
		assertThatExceptionOfType(PluggableException.class).isThrownBy(() -> invoke(BindingOperations.GET, id));
	}

	@Test
	void whenCreatedTwiceThenTheseAreTwo() {
		assertThat(create(EMPTY)).isNotEqualTo(create(EMPTY));
	}

	@Test
	void whenThereIsNoSuchItemThenItFails() {
		assertThatExceptionOfType(PluggableException.class).isThrownBy(() -> invoke(BindingOperations.GET, "none"));
		assertThatExceptionOfType(PluggableException.class).isThrownBy(() -> invoke(BindingOperations.DELETE, "none"));
	}

	@Test
	void whenTheOperationIsUnknownThenItIsNotSupported() {
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> output().invoke("no-such-operation", EMPTY));
	}

	@Test
	void whenPingedThenItIsWell() {
		output().ping();
	}

}
