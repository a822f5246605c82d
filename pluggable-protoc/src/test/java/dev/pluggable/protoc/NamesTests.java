package dev.pluggable.protoc;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Names}.
 */
class NamesTests {

	@ParameterizedTest
	@CsvSource({ "Greet, greet, getGreetMethod", "GreetAll, greetAll, getGreetAllMethod",
			"greet_all, greetAll, getGreetAllMethod", "URL, uRL, getURLMethod", "Class, class_, getClassMethod",
			"Wait, wait_, getWaitMethod", "Close, close_, getCloseMethod" })
	void methods(String name, String method, String getter) {
		assertThat(Names.method(name)).isEqualTo(method);
		assertThat(Names.descriptorGetter(name)).isEqualTo(getter);
	}

	@ParameterizedTest
	@CsvSource({ "data_source_id, DataSourceId, dataSource", "dataSourceID, DataSourceID, dataSource",
			"add_server, AddServer, addServer", "id, Id, id", "grid, Grid, grid", "reader_ids, ReaderIds, reader",
			"x2y_id, X2YId, x2Y", "class, Class_, class_", "source_ID, SourceID, source" })
	void fields(String field, String accessor, String parameter) {
		assertThat(Names.accessor(field)).isEqualTo(accessor);
		assertThat(Names.parameter(Names.lowerCamel(Names.withoutId(field)))).isEqualTo(parameter);
	}

	@ParameterizedTest
	@CsvSource({ "Greeter, greeter", "PluginRelayer, plugin-relayer", "HTTPProxy, http-proxy", "V2Store, v2-store",
			"my_service, my-service" })
	void kinds(String service, String kind) {
		assertThat(Names.kind(service)).isEqualTo(kind);
	}

}
