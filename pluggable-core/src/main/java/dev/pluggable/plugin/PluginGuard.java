package dev.pluggable.plugin;

/**
 * The means by which nothing of a plugin outlives the application, even if the
 * application is killed. The host uses the best means of the system, and tries it out
 * before the first start of a plugin.
 *
 * @since 0.1.0
 */
public enum PluginGuard {

	/**
	 * A guard process ends the plugin and all its descendants, at any depth. The guard is
	 * a subreaper: the system makes all orphans among its descendants its children.
	 */
	SUBREAPER("a guard ends each plugin and all its descendants, at any depth"),

	/**
	 * A guard process ends the plugin and its descendants, except those whose parents
	 * have ended and that have a session of their own.
	 */
	DESCENDANTS("a guard ends each plugin and its descendants, except those whose parents have ended "
			+ "and that have a session of their own: this system starts no program from the plugin directory "
			+ "(is it mounted 'noexec'?), or its processor is unknown"),

	/**
	 * There is no guard. The system kills the plugin, and its descendants live until the
	 * next start of an application.
	 */
	DEATH_SIGNAL("the system kills each plugin, and the descendants of the plugin live until the next start of an "
			+ "application: this system has no '/proc' with the children of a process"),

	/**
	 * There is no means. The plugin lives until the next start of an application.
	 */
	NONE("its plugins may live until the next start of an application: this system has neither 'setsid' nor "
			+ "'setpriv --pdeathsig'");

	private final String description;

	PluginGuard(String description) {
		this.description = description;
	}

	/**
	 * What happens to plugins when the application ends.
	 * @return a text for a log
	 */
	public String description() {
		return this.description;
	}

}
