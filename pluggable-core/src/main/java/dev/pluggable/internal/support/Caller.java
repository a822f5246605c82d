package dev.pluggable.internal.support;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.grpc.Context;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection to a server of this process, and how large the metadata
 * of an answer may be that it accepts. The text and the details of an error are metadata:
 * a caller does not see the code of an error that is too large. Safe for use by many
 * threads.
 */
public class Caller {

	private static final Context.Key<Caller> CURRENT = Context.key("pluggable-caller");

	/** The limit of most clients, unless somebody has changed it. */
	private static final int USUAL = 8192;

	/** Clients in Go accept 16 MiB. */
	private static final int GO = 1024 * 1024;

	private static final String PREFIX = "pluggable-metadata/";

	private static final Pattern OURS = Pattern.compile(PREFIX + "([1-9][0-9]{0,8})\\b");

	/** 0 until the first call. */
	private volatile int maxMetadata;

	/**
	 * Create the value of the header {@code user-agent} that tells the limit of this
	 * process.
	 * @param maxMetadata largest metadata that this process accepts, in bytes
	 * @return the value, to which gRPC adds its own
	 */
	public static String userAgent(int maxMetadata) {
		return PREFIX + maxMetadata;
	}

	/**
	 * The limit of the caller of the current call.
	 * @return the size in bytes; a small one outside a call
	 */
	public static int maxMetadata() {
		Caller caller = CURRENT.get();
		return (caller != null) ? caller.limit() : USUAL;
	}

	/**
	 * The limit of this caller.
	 * @return the size in bytes; a small one before the first call
	 */
	protected final int limit() {
		int known = this.maxMetadata;
		return (known > 0) ? known : USUAL;
	}

	/**
	 * The caller of the current call.
	 * @return the caller, {@code null} outside a call
	 */
	protected static @Nullable Caller current() {
		return CURRENT.get();
	}

	/**
	 * Create the context of a call of this caller.
	 * @param context context without the caller
	 * @return the context
	 */
	public final Context in(Context context) {
		return context.withValue(CURRENT, this);
	}

	/**
	 * Whether the limit is not known yet.
	 * @return {@code true} before the first call
	 */
	public final boolean isNew() {
		return this.maxMetadata == 0;
	}

	/**
	 * Learn the limit.
	 * @param userAgent value of the header {@code user-agent}, {@code null} without one
	 */
	public final void learn(@Nullable String userAgent) {
		String agent = (userAgent != null) ? userAgent : "";
		Matcher ours = OURS.matcher(agent);
		if (ours.find()) {
			this.maxMetadata = Integer.parseInt(ours.group(1));
		}
		else {
			this.maxMetadata = (agent.startsWith("grpc-go/") || agent.contains(" grpc-go/")) ? GO : USUAL;
		}
	}

}
