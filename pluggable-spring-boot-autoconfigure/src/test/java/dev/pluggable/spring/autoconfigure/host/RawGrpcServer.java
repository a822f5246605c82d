package dev.pluggable.spring.autoconfigure.host;

import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.grpc.reflection.v1.ListServiceResponse;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;

/**
 * An HTTP/2 server that sends responses that no gRPC library would send: unknown status
 * codes, invalid or oversized protobuf messages, and web pages.
 */
final class RawGrpcServer implements AutoCloseable {

	private static final String REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

	private static final String STATE_STORE = "dapr.proto.components.v1.StateStore";

	private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final Path socket;

	private final Map<String, Answer> answers = new ConcurrentHashMap<>();

	private final List<String> calls = new CopyOnWriteArrayList<>();

	RawGrpcServer(Path socket) {
		this.socket = socket;
	}

	/**
	 * Start a server whose reflection service lists these services.
	 */
	static RawGrpcServer offering(Path socket, String... services) {
		ListServiceResponse.Builder list = ListServiceResponse.newBuilder();
		for (String service : services) {
			list.addService(ServiceResponse.newBuilder().setName(service));
		}
		return new RawGrpcServer(socket).reflection(Answer
			.message(ServerReflectionResponse.newBuilder().setListServicesResponse(list).build().toByteArray()));
	}

	/**
	 * Start a state store that answers correctly until the test sets a response.
	 */
	static RawGrpcServer stateStore(Path socket) {
		return offering(socket, STATE_STORE).state("Init", Answer.message())
			.state("Features", Answer.message())
			.state("Ping", Answer.message());
	}

	RawGrpcServer reflection(Answer answer) {
		this.answers.put(REFLECTION, answer);
		return this;
	}

	RawGrpcServer state(String method, Answer answer) {
		this.answers.put("/" + STATE_STORE + "/" + method, answer);
		return this;
	}

	RawGrpcServer start() {
		new ServerBootstrap().group(this.eventLoop)
			.channel(NioServerDomainSocketChannel.class)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline().addLast(Http2FrameCodecBuilder.forServer().build(), new Handler());
				}

			})
			.bind(UnixDomainSocketAddress.of(this.socket))
			.syncUninterruptibly();
		return this;
	}

	/**
	 * Return the number of calls to a method of the state store.
	 */
	long calls(String method) {
		return this.calls.stream().filter((path) -> path.endsWith(STATE_STORE + "/" + method)).count();
	}

	@Override
	public void close() {
		this.eventLoop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
	}

	/**
	 * A response of the server.
	 *
	 * @param headers the initial headers
	 * @param body the body, {@code null} for none
	 * @param trailers the trailers, {@code null} if the initial headers end the response
	 */
	record Answer(Map<String, String> headers, byte[] body, Map<String, String> trailers) {

		private static final Map<String, String> GRPC = Map.of(":status", "200", "content-type", "application/grpc");

		/**
		 * Create a response with one correctly framed message and the status OK.
		 */
		static Answer message(byte... message) {
			byte[] body = ByteBuffer.allocate(5 + message.length)
				.put((byte) 0)
				.putInt(message.length)
				.put(message)
				.array();
			return new Answer(GRPC, body, Map.of("grpc-status", "0"));
		}

		/**
		 * Create a response with the status OK and no message.
		 */
		static Answer nothing() {
			return new Answer(GRPC, null, Map.of("grpc-status", "0"));
		}

		/**
		 * Create a response with the first bytes of a message of this length.
		 */
		static Answer messageOf(int length) {
			byte[] body = ByteBuffer.allocate(5).put((byte) 0).putInt(length).array();
			return new Answer(GRPC, body, Map.of("grpc-status", "0"));
		}

		static Answer status(String code) {
			return new Answer(GRPC, null, Map.of("grpc-status", code));
		}

		/**
		 * Create the response of a web server or proxy.
		 */
		static Answer page(int status, String html) {
			return new Answer(Map.of(":status", Integer.toString(status), "content-type", "text/html"),
					html.getBytes(StandardCharsets.UTF_8), null);
		}

	}

	private final class Handler extends SimpleChannelInboundHandler<Http2StreamFrame> {

		private final Map<Http2FrameStream, String> paths = new ConcurrentHashMap<>();

		@Override
		protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) {
			if (frame instanceof Http2HeadersFrame headers) {
				this.paths.put(frame.stream(), headers.headers().path().toString());
			}
			boolean end = (frame instanceof Http2HeadersFrame headers && headers.isEndStream())
					|| (frame instanceof Http2DataFrame data && data.isEndStream());
			if (end) {
				String path = this.paths.remove(frame.stream());
				RawGrpcServer.this.calls.add(path);
				answer(context, frame.stream(), RawGrpcServer.this.answers.getOrDefault(path, Answer.status("12")));
			}
		}

		private void answer(ChannelHandlerContext context, Http2FrameStream stream, Answer answer) {
			boolean more = answer.body() != null || answer.trailers() != null;
			context.write(new DefaultHttp2HeadersFrame(headers(answer.headers()), !more).stream(stream));
			if (answer.body() != null) {
				context
					.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(answer.body()), answer.trailers() == null)
						.stream(stream));
			}
			if (answer.trailers() != null) {
				context.write(new DefaultHttp2HeadersFrame(headers(answer.trailers()), true).stream(stream));
			}
			context.flush();
		}

		private static Http2Headers headers(Map<String, String> values) {
			Http2Headers headers = new DefaultHttp2Headers();
			values.forEach(headers::add);
			return headers;
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
			context.close();
		}

	}

}
