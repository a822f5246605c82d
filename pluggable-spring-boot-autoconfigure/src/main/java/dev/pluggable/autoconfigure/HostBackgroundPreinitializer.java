package dev.pluggable.autoconfigure;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import org.springframework.boot.autoconfigure.preinitialize.BackgroundPreinitializer;

/**
 * Loads the classes of the host and of its transport, native library included, on another
 * thread while the application does something else: by a host that is never started.
 */
class HostBackgroundPreinitializer implements BackgroundPreinitializer {

	@Override
	public void preinitialize() {
		new ComponentHost(HostSettings.defaults()).close();
	}

}
