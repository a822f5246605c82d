package dev.pluggable.sample.median;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.PluginSideBroker;
import dev.pluggable.sample.proto.median.v1.ContractTransmitterGrpc;
import dev.pluggable.sample.proto.median.v1.KeystoreGrpc;
import dev.pluggable.sample.proto.median.v1.MedianContractGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import dev.pluggable.sample.proto.median.v1.OffchainConfigDigesterGrpc;
import dev.pluggable.sample.proto.median.v1.PluginRelayerGrpc;
import dev.pluggable.sample.proto.median.v1.RelayerGrpc;
import dev.pluggable.sample.proto.median.v1.ServiceGrpc;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * A relayer plugin in Java with the calls of the flow, for tests without another
 * toolchain.
 */
final class JavaRelayerMain extends PluginRelayerGrpc.PluginRelayerImplBase {

	private final PluginSideBroker broker = broker();

	private final Map<String, Contract> contracts = new ConcurrentHashMap<>();

	private JavaRelayerMain() {
	}

	public static void main(String[] arguments) throws Exception {
		JavaRelayerMain plugin = new JavaRelayerMain();
		GoPluginMain.run(arguments, (builder) -> builder.addService(plugin.broker).addService(plugin));
	}

	/**
	 * The plugin's side of the broker, with sockets in the private directory of this
	 * process.
	 */
	static PluginSideBroker broker() {
		return PluginSideBroker.inFolder(Path.of(System.getenv("PLUGIN_UNIX_SOCKET_DIR")));
	}

	/**
	 * Answers the calls that all objects of a plugin have. Closing does nothing: all
	 * objects live until the end of the process.
	 */
	static ServerServiceDefinition service() {
		return new ServiceGrpc.ServiceImplBase() {

			@Override
			public void close(Empty request, StreamObserver<Empty> response) {
				response.onNext(Empty.getDefaultInstance());
				response.onCompleted();
			}

		}.bindService();
	}

	@Override
	public void newRelayer(MedianProto.NewRelayerRequest request,
			StreamObserver<MedianProto.NewRelayerReply> response) {
		KeystoreGrpc.KeystoreBlockingStub keystore = KeystoreGrpc
			.newBlockingStub(this.broker.dial(request.getKeystoreId()));
		String account = keystore.accounts(Empty.getDefaultInstance()).getAccounts(0);
		int id = this.broker.serve(service(), new Relayer(keystore, account).bindService()).id();
		response.onNext(MedianProto.NewRelayerReply.newBuilder().setRelayerId(id).build());
		response.onCompleted();
	}

	private final class Relayer extends RelayerGrpc.RelayerImplBase {

		private final KeystoreGrpc.KeystoreBlockingStub keystore;

		private final String account;

		Relayer(KeystoreGrpc.KeystoreBlockingStub keystore, String account) {
			this.keystore = keystore;
			this.account = account;
		}

		@Override
		public void newProvider(MedianProto.NewProviderRequest request,
				StreamObserver<MedianProto.NewProviderReply> response) {
			Contract contract = JavaRelayerMain.this.contracts.computeIfAbsent(request.getContractId(),
					(id) -> new Contract());
			int id = JavaRelayerMain.this.broker
				.serve(service(), new Digester().bindService(), new Transmitter(this, contract).bindService(),
						contract.bindService())
				.id();
			response.onNext(MedianProto.NewProviderReply.newBuilder().setProviderId(id).build());
			response.onCompleted();
		}

	}

	private static final class Digester extends OffchainConfigDigesterGrpc.OffchainConfigDigesterImplBase {

		@Override
		public void configDigest(MedianProto.ContractConfig request,
				StreamObserver<MedianProto.ConfigDigestReply> response) {
			response.onNext(MedianProto.ConfigDigestReply.newBuilder()
				.setConfigDigest(ByteString.copyFrom(new byte[32]))
				.build());
			response.onCompleted();
		}

	}

	private static final class Transmitter extends ContractTransmitterGrpc.ContractTransmitterImplBase {

		private final Relayer relayer;

		private final Contract contract;

		Transmitter(Relayer relayer, Contract contract) {
			this.relayer = relayer;
			this.contract = contract;
		}

		@Override
		public void transmit(MedianProto.TransmitRequest request, StreamObserver<Empty> response) {
			MedianProto.SignReply signed = this.relayer.keystore.sign(MedianProto.SignRequest.newBuilder()
				.setAccount(this.relayer.account)
				.setData(request.getReport())
				.build());
			this.contract.write(MedianProto.Transmission.newBuilder()
				.setReport(request.getReport())
				.setAccount(this.relayer.account)
				.setSignature(signed.getSignedData())
				.build());
			response.onNext(Empty.getDefaultInstance());
			response.onCompleted();
		}

	}

	private static final class Contract extends MedianContractGrpc.MedianContractImplBase {

		private final Set<StreamObserver<MedianProto.Transmission>> watchers = new CopyOnWriteArraySet<>();

		private MedianProto.LatestTransmissionReply latest = MedianProto.LatestTransmissionReply.getDefaultInstance();

		synchronized void write(MedianProto.Transmission transmission) {
			this.latest = MedianProto.LatestTransmissionReply.newBuilder().setTransmission(transmission).build();
			this.watchers.forEach((watcher) -> watcher.onNext(transmission));
		}

		@Override
		public synchronized void latestTransmission(Empty request,
				StreamObserver<MedianProto.LatestTransmissionReply> response) {
			response.onNext(this.latest);
			response.onCompleted();
		}

		@Override
		public synchronized void watchTransmissions(Empty request, StreamObserver<MedianProto.Transmission> response) {
			ServerCallStreamObserver<MedianProto.Transmission> call = (ServerCallStreamObserver<MedianProto.Transmission>) response;
			call.setOnCancelHandler(() -> this.watchers.remove(response));
			if (this.latest.hasTransmission()) {
				response.onNext(this.latest.getTransmission());
			}
			this.watchers.add(response);
		}

	}

}
