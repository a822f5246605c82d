package dev.pluggable.contract;

import java.util.ArrayList;
import java.util.List;

import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import io.grpc.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * The plugin that makes one call to an implementation. Used by the thread of the call.
 */
final class CallingPlugin implements Caller {

	private final Attributes attributes;

	private final List<DialedObject> dialed = new ArrayList<>();

	/**
	 * Create the caller of a call.
	 * @param attributes the attributes of the call
	 */
	CallingPlugin(Attributes attributes) {
		this.attributes = attributes;
	}

	@Override
	public <T extends ContractObject> @Nullable T object(String field, int id, ContractKind<T> kind) {
		if (id == 0) {
			return null;
		}
		PluginBroker broker = this.attributes.get(PluginBroker.KEY);
		if (broker == null) {
			throw new PluginException("The field '" + field + "' holds the id " + Integer.toUnsignedString(id)
					+ " of an object, but the call does not come from a plugin that has a broker");
		}
		try {
			DialedObject object = DialedObject.dial(field, broker, id);
			this.dialed.add(object);
			return kind.createProxy(object);
		}
		catch (RuntimeException ex) {
			// The implementation is not called, and gets none of the objects.
			this.dialed.forEach(DialedObject::close);
			throw ex;
		}
	}

	@Override
	public <T extends ContractObject> int id(String field, @Nullable T object, ContractKind<T> kind, int id) {
		return new GenerationReferences(this.attributes, (server) -> {
			// The broker of the process closes what it serves.
		}).id(field, object, kind, id);
	}

}
