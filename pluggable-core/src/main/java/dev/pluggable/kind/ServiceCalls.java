package dev.pluggable.kind;

import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.pluggable.CallFailure;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ErrorDetail;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.internal.support.Caller;
import dev.pluggable.internal.support.StatusLimit;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers to calls, for the services of kinds: the counterpart of {@link ComponentCalls}
 * in the process of a component. The instance that a call is addressed to does the work,
 * and its exceptions become statuses. <pre>{@code
 * final class ThermometerService extends ThermometerGrpc.ThermometerImplBase {
 *
 *     private final ServiceCalls<Thermometer> calls;
 *
 *     ThermometerService(ComponentInstances<Thermometer> instances) {
 *         this.calls = new ServiceCalls<>("thermometer", instances, ServiceCalls.ErrorTranslator.NONE);
 *     }
 *
 *     public void init(InitRequest request, StreamObserver<InitResponse> observer) {
 *         this.calls.initialize(request.getMetadataMap(), InitResponse.getDefaultInstance(), observer);
 *     }
 *
 *     public void read(ReadRequest request, StreamObserver<ReadResponse> observer) {
 *         this.calls.answer("Read", observer, (thermometer) -> response(thermometer.celsius(request.getRoom())));
 *     }
 *
 * }
 * }</pre>
 * <p>
 * Safe for use by many threads.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public final class ServiceCalls<T> {

	private static final Logger logger = LoggerFactory.getLogger(ServiceCalls.class);

	private static final String TYPE_URL_PREFIX = "type.googleapis.com/";

	/** Space for everything but the message: headers, and details without texts. */
	private static final int OTHER_METADATA = 1024;

	private final String kind;

	private final ComponentInstances<T> instances;

	private final ErrorTranslator translator;

	/**
	 * Create the answers of one kind.
	 * @param kind name of the kind within a sentence, such as {@code state store}
	 * @param instances the implementations
	 * @param translator turns exceptions that have a meaning in this kind into statuses
	 */
	public ServiceCalls(String kind, ComponentInstances<T> instances, ErrorTranslator translator) {
		this.kind = kind;
		this.instances = instances;
		this.translator = translator;
	}

	/**
	 * Answer a call of {@code Init}: create the instance that the call is addressed to.
	 * @param <R> the response
	 * @param metadata settings that the caller sent
	 * @param response the response if the instance was created
	 * @param observer receives the response, or the status if the instance was not
	 * created
	 */
	public <R> void initialize(Map<String, String> metadata, R response, StreamObserver<R> observer) {
		initialize(metadata, response, observer, () -> {
		});
	}

	/**
	 * Answer a call of {@code Init}: create the instance that the call is addressed to.
	 * @param <R> the response
	 * @param metadata settings that the caller sent
	 * @param response the response if the instance was created
	 * @param observer receives the response, or the status if the instance was not
	 * created
	 * @param initialized called with success before the response; its exceptions become a
	 * status
	 */
	public <R> void initialize(Map<String, String> metadata, R response, StreamObserver<R> observer,
			Runnable initialized) {
		try {
			this.instances.initialize(metadata);
			initialized.run();
		}
		catch (Exception ex) {
			observer.onError(toStatus("Init", ex));
			return;
		}
		observer.onNext(response);
		observer.onCompleted();
	}

	/**
	 * Answer a unary call on the calling thread.
	 * @param <R> the response
	 * @param operation name of the method, for log and messages
	 * @param observer receives the response, or the status for the exception of the work
	 * @param work calls the instance and makes the response
	 */
	public <R> void answer(String operation, StreamObserver<R> observer, Function<T, R> work) {
		T instance = current(observer);
		if (instance == null) {
			return;
		}
		R response;
		try {
			response = work.apply(instance);
		}
		catch (RuntimeException ex) {
			observer.onError(toStatus(operation, ex));
			return;
		}
		observer.onNext(response);
		observer.onCompleted();
	}

	/**
	 * The instance that the current call is addressed to. If there is none, the call ends
	 * with {@code FAILED_PRECONDITION}. If the instance cannot be created, the call ends
	 * with the status of the failure.
	 * @param observer receives the status
	 * @return the instance, {@code null} if the call has ended
	 */
	public @Nullable T current(StreamObserver<?> observer) {
		try {
			return this.instances.current();
		}
		catch (IllegalStateException ex) {
			observer.onError(status(Status.Code.FAILED_PRECONDITION,
					"The " + this.kind + " is not initialised: Init was not called"));
			return null;
		}
		catch (PluggableException ex) {
			observer.onError(toStatus("Init", ex));
			return null;
		}
	}

	/**
	 * Whether a call that goes on, such as a stream, still belongs to the instance with
	 * which it began. A further {@code Init} replaces the instance.
	 * @param call context of the call
	 * @param instance instance with which the call began
	 * @return {@code true} if the instance was not replaced
	 */
	public boolean isCurrent(Context call, T instance) {
		Context before = call.attach();
		try {
			return this.instances.current() == instance;
		}
		catch (IllegalStateException | PluggableException ex) {
			return false;
		}
		finally {
			call.detach(before);
		}
	}

	/**
	 * Turn the exception of an implementation into a status. Exceptions that are none of
	 * this product's become {@code INTERNAL}, are logged, and are sent with the name of
	 * their class only.
	 * @param operation name of the method, for log and messages
	 * @param ex the exception
	 * @return the status with its details
	 */
	public StatusRuntimeException toStatus(String operation, Throwable ex) {
		return StatusLimit.fit(translated(operation, ex));
	}

	private StatusRuntimeException translated(String operation, Throwable ex) {
		if (!(ex instanceof PluggableException known)) {
			logger.warn("{} of a served {} failed", operation, this.kind, ex);
			return status(Status.Code.INTERNAL, operation + " failed: " + ex.getClass().getName());
		}
		CallFailure failure = known.getFailure();
		String message = abbreviate(
				(failure != null) ? failure.description() : Objects.requireNonNullElse(ex.getMessage(), ""));
		if (failure != null && failure.kitError() != null) {
			return same(failure);
		}
		StatusRuntimeException translated = this.translator.translate(known, message);
		if (translated != null) {
			return translated;
		}
		if (failure != null) {
			return same(failure);
		}
		if (ex instanceof InvalidRequestException) {
			return status(Status.Code.INVALID_ARGUMENT, message);
		}
		if (ex instanceof UnsupportedOperationByComponentException) {
			return status(Status.Code.UNIMPLEMENTED, message);
		}
		if (ex instanceof ComponentUnavailableException) {
			return status(Status.Code.UNAVAILABLE, message);
		}
		logger.warn("{} of a served {} failed", operation, this.kind, ex);
		return status(Status.Code.INTERNAL, message);
	}

	/**
	 * Create a request from a message of the caller. An illegal argument is then an error
	 * of the caller, not one of this process.
	 * @param <Q> the request
	 * @param request creates the request
	 * @return the request
	 * @throws InvalidRequestException if {@code request} throws an
	 * {@link IllegalArgumentException}
	 */
	public static <Q> Q valid(Supplier<Q> request) {
		try {
			return request.get();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidRequestException(String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * Create a status with details.
	 * @param code code of the status
	 * @param message message of the status
	 * @param details details of the status
	 * @return an exception with the status
	 */
	public static StatusRuntimeException status(Status.Code code, String message, Message... details) {
		com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
			.setCode(code.value())
			.setMessage(message);
		for (Message detail : details) {
			status.addDetails(Any.pack(detail));
		}
		return StatusProto.toStatusRuntimeException(status.build());
	}

	/**
	 * Cut a message that is too long for the caller. The message is sent up to three
	 * times: once with each byte that is not printable ASCII as three, and twice in
	 * details, in base64.
	 */
	private static String abbreviate(String message) {
		long space = Math.max(0, Caller.maxMetadata() - OTHER_METADATA);
		if (message.length() * 17L <= space) {
			return message;
		}
		// In thirds of a byte, because base64 needs four bytes for three.
		long left = 3 * space;
		for (int i = 0; i < message.length(); i++) {
			char character = message.charAt(i);
			boolean plain = character >= ' ' && character <= '~' && character != '%';
			int bytes = (character < 0x80) ? 1 : (character < 0x800) ? 2 : 3;
			left -= (plain ? 3 : 9 * bytes) + 8 * bytes;
			if (left < 0) {
				int end = Math.max(0, i - 3);
				return message.substring(0,
						(end > 0 && Character.isHighSurrogate(message.charAt(end - 1))) ? end - 1 : end) + "...";
			}
		}
		return message;
	}

	/**
	 * Repeat the status of a component that the implementation has called, with its
	 * details.
	 */
	private static StatusRuntimeException same(CallFailure failure) {
		com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
			.setCode(failure.code().value())
			.setMessage(failure.description());
		for (ErrorDetail detail : failure.details()) {
			status.addDetails(Any.newBuilder()
				.setTypeUrl(TYPE_URL_PREFIX + detail.typeName())
				.setValue(ByteString.copyFrom(detail.value())));
		}
		return StatusProto.toStatusRuntimeException(status.build());
	}

	/**
	 * Turns exceptions that have a meaning in one kind into statuses. Must be safe for
	 * use by many threads.
	 */
	@FunctionalInterface
	public interface ErrorTranslator {

		/**
		 * For kinds without exceptions of their own.
		 */
		ErrorTranslator NONE = (ex, message) -> null;

		/**
		 * Translate an exception.
		 * @param ex exception of the implementation
		 * @param message message of the exception, short enough to be sent
		 * @return the status, {@code null} for the status that belongs to the class of
		 * the exception
		 */
		@Nullable StatusRuntimeException translate(PluggableException ex, String message);

	}

}
