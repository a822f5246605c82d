package dev.pluggable.grpc;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.fixtures.TestComponent;
import org.junit.jupiter.api.Test;

import static dev.pluggable.fixtures.FakeReflection.file;
import static dev.pluggable.fixtures.FakeReflection.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link DynamicContract}.
 */
class DynamicContractTests {

	@Test
	void whenAServiceHasManyMethodsThenTheTextAboutAnUnknownOneIsShort() throws Exception {
		FileDescriptorProto.Builder file = file("a.proto", "acme").addMessageType(message("Q"));
		ServiceDescriptorProto.Builder service = file.addServiceBuilder().setName("S");
		for (int i = 0; i < 5000; i++) {
			service.addMethodBuilder().setName("Method" + i).setInputType(".acme.Q").setOutputType(".acme.Q");
		}
		DynamicContract contract = new DynamicContract(new TestComponent("acme", Runnable::run, null, null), this,
				FileDescriptor.buildFrom(file.build(), new FileDescriptor[0]).findServiceByName("S"), null);
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> contract.json("Nothing"))
			.withMessageContaining("has no such method; its methods are [Method0, Method1, Method2, ")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(1500));
	}

}
