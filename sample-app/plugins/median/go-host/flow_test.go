package host

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	pb "median/medianpb"
)

func (k keystore) Accounts(context.Context, *emptypb.Empty) (*pb.AccountsReply, error) {
	return &pb.AccountsReply{Accounts: k.accounts}, nil
}

func (k keystore) Sign(_ context.Context, r *pb.SignRequest) (*pb.SignReply, error) {
	return &pb.SignReply{SignedData: []byte(signature(r.Account, r.Data))}, nil
}

func (a *answers) Observe(context.Context, *pb.ObserveRequest) (*pb.ObserveReply, error) {
	return &pb.ObserveReply{Value: a.value}, a.err
}

func (a *answers) SaveError(_ context.Context, r *pb.SaveErrorRequest) (*emptypb.Empty, error) {
	a.errors <- r.Message
	return &emptypb.Empty{}, nil
}

var empty = &emptypb.Empty{}

func newContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// relayers are the commands of the relayers with which the tests run.
func relayers(t *testing.T) map[string][]string {
	python := "../python-relayer/target/venv/bin/python"
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("run ../build.sh first: %v", err)
	}
	return map[string][]string{"go": {goRelayer}, "python": {python, "../python-relayer/main.py"}}
}

func serveKeystore(p *process, accounts ...string) uint32 {
	return p.serve(func(s *grpc.Server) { pb.RegisterKeystoreServer(s, keystore{accounts: accounts}) })
}

func newRelayer(ctx context.Context, p *process, config string) *grpc.ClientConn {
	p.t.Helper()
	reply, err := pb.NewPluginRelayerClient(p.conn).NewRelayer(ctx,
		&pb.NewRelayerRequest{Config: config, KeystoreId: serveKeystore(p, "alice", "bob")})
	noError(p.t, err)
	return p.dial(reply.RelayerId)
}

func newProvider(ctx context.Context, p *process, relayer *grpc.ClientConn, contract string) *grpc.ClientConn {
	p.t.Helper()
	reply, err := pb.NewRelayerClient(relayer).NewProvider(ctx, &pb.NewProviderRequest{ContractId: contract})
	noError(p.t, err)
	return p.dial(reply.ProviderId)
}

func newReportingPlugin(ctx context.Context, p *process, provider *grpc.ClientConn, a *answers, digest []byte) pb.ReportingPluginClient {
	p.t.Helper()
	factory, err := pb.NewPluginMedianClient(p.conn).NewMedianFactory(ctx, &pb.NewMedianFactoryRequest{
		ProviderId:   p.forward(provider),
		ContractId:   "eth-usd",
		DataSourceId: p.serve(func(s *grpc.Server) { pb.RegisterDataSourceServer(s, a) }),
		ErrorLogId:   p.serve(func(s *grpc.Server) { pb.RegisterErrorLogServer(s, a) }),
	})
	noError(p.t, err)
	reply, err := pb.NewReportingPluginFactoryClient(p.dial(factory.ReportingPluginFactoryId)).NewReportingPlugin(ctx,
		&pb.NewReportingPluginRequest{ConfigDigest: digest, F: 1})
	noError(p.t, err)
	return pb.NewReportingPluginClient(p.dial(reply.ReportingPluginId))
}

func TestFlow(t *testing.T) {
	for name, command := range relayers(t) {
		t.Run(name+" plain", func(t *testing.T) { flow(t, plain, command) })
		t.Run(name+" with AutoMTLS on P-256", func(t *testing.T) { flow(t, autoMTLS256, command) })
	}
	t.Run("go with AutoMTLS", func(t *testing.T) { flow(t, autoMTLS, []string{goRelayer}) })
}

func flow(t *testing.T, secure security, command []string) {
	ctx := newContext(t)
	relayerProcess, medianProcess := startRelayer(t, secure, command...), startMedian(t, secure)

	relayer := newRelayer(ctx, relayerProcess, `{"network": "localnet", "account": "bob"}`)
	info, err := pb.NewRelayerClient(relayer).GetChainInfo(ctx, empty)
	noError(t, err)
	if info.Network != "localnet" || info.Account != "bob" {
		t.Errorf("unexpected %v", info)
	}
	provider := newProvider(ctx, relayerProcess, relayer, "eth-usd")
	config := &pb.ContractConfig{F: 1, OffchainConfig: []byte("any")}
	digest, err := pb.NewOffchainConfigDigesterClient(provider).ConfigDigest(ctx, config)
	noError(t, err)
	a := &answers{errors: make(chan string, 10)}
	reporting := newReportingPlugin(ctx, medianProcess, provider, a, digest.ConfigDigest)
	watched, err := reporting.WatchTransmissions(ctx, empty)
	noError(t, err)

	round := func(round uint32, values ...int64) *pb.ReportReply {
		t.Helper()
		timestamp := &pb.ReportTimestamp{ConfigDigest: digest.ConfigDigest, Epoch: 1, Round: round}
		query, err := reporting.Query(ctx, &pb.QueryRequest{Timestamp: timestamp})
		noError(t, err)
		request := &pb.ReportRequest{Timestamp: timestamp, Query: query.Query}
		for i, value := range values {
			a.value = value
			o, err := reporting.Observation(ctx, &pb.ObservationRequest{Timestamp: timestamp, Query: query.Query})
			noError(t, err)
			request.Observations = append(request.Observations,
				&pb.AttributedObservation{Observation: o.Observation, Observer: uint32(i)})
		}
		reply, err := reporting.Report(ctx, request)
		noError(t, err)
		return reply
	}
	want := func(reply *pb.ReportReply, answer int64, observers ...uint32) {
		t.Helper()
		timestamp := &pb.ReportTimestamp{ConfigDigest: digest.ConfigDigest, Epoch: 1}
		report := &pb.Report{}
		noError(t, proto.Unmarshal(reply.Report, report))
		timestamp.Round = report.GetTimestamp().GetRound()
		if !reply.ShouldReport || !proto.Equal(report, &pb.Report{Timestamp: timestamp, Answer: answer, Observers: observers}) {
			t.Errorf("unexpected %v", report)
		}
		transmission, err := watched.Recv()
		noError(t, err)
		if !bytes.Equal(transmission.Report, reply.Report) || transmission.Account != "bob" ||
			string(transmission.Signature) != signature("bob", reply.Report) {
			t.Errorf("unexpected %v", transmission)
		}
	}
	want(round(1, 30, 10, -20, 20), 20, 2, 1, 3, 0)
	if reply := round(2, 20, 20, 20); reply.ShouldReport || reply.Report != nil {
		t.Errorf("unexpected %v", reply)
	}
	want(round(3, 7, 5, 6), 6, 1, 2, 0)

	// The stream comes through the host from the other process, and ends with the object that serves it.
	_, err = pb.NewServiceClient(provider).Close(ctx, empty)
	noError(t, err)
	_, err = watched.Recv()
	wantCode(t, err, codes.Unavailable)

	medianProcess.stop()
	relayerProcess.stop()
}

// TestCreatedAgain acts as a host that has lost the objects that it created.
func TestCreatedAgain(t *testing.T) {
	for name, command := range relayers(t) {
		t.Run(name, func(t *testing.T) {
			ctx := newContext(t)
			p := startRelayer(t, plain, command...)
			first := newRelayer(ctx, p, `{"network": "localnet"}`)
			use := func(provider *grpc.ClientConn) {
				_, err := pb.NewMedianContractClient(provider).LatestTransmission(ctx, empty)
				noError(t, err)
			}
			use(newProvider(ctx, p, first, "eth-usd"))
			files, sockets := p.descriptors()
			names := len(p.sockets())
			for range 20 {
				relayer := newRelayer(ctx, p, `{"network": "localnet"}`)
				newProvider(ctx, p, relayer, "eth-usd") // closed by the next one
				use(newProvider(ctx, p, relayer, "eth-usd"))
			}
			eventually(t, "no more sockets than before", func() bool {
				f, s := p.descriptors()
				return f <= files && s <= sockets && len(p.sockets()) == names
			})
			_, err := pb.NewRelayerClient(first).GetChainInfo(ctx, empty)
			wantCode(t, err, codes.Unavailable)
			p.stop()
		})
	}
}

func TestCreatedAgainAtOnce(t *testing.T) {
	for name, command := range relayers(t) {
		t.Run(name, func(t *testing.T) {
			ctx := newContext(t)
			p := startRelayer(t, plain, command...)
			newProvider(ctx, p, newRelayer(ctx, p, `{"network": "localnet"}`), "eth-usd")
			names := len(p.sockets())
			var all sync.WaitGroup
			for range 8 {
				all.Add(1)
				go func() {
					defer all.Done()
					for range 5 {
						reply, err := pb.NewPluginRelayerClient(p.conn).NewRelayer(ctx,
							&pb.NewRelayerRequest{Config: `{"network": "localnet"}`, KeystoreId: serveKeystore(p, "alice")})
						if err != nil {
							t.Error(err)
							return
						}
						relayer, err := p.broker.Dial(reply.RelayerId)
						if err != nil {
							t.Error(err)
							return
						}
						// Another relayer may exist already, so that this one is closed.
						pb.NewRelayerClient(relayer).NewProvider(ctx, &pb.NewProviderRequest{ContractId: "eth-usd"})
						relayer.Close()
					}
				}()
			}
			all.Wait()
			newProvider(ctx, p, newRelayer(ctx, p, `{"network": "localnet"}`), "eth-usd")
			eventually(t, "no more sockets than before", func() bool { return len(p.sockets()) == names })
			p.stop()
		})
	}
}

func TestMedianCreatedAgain(t *testing.T) {
	ctx := newContext(t)
	relayerProcess, p := startRelayer(t, plain, goRelayer), startMedian(t, plain)
	provider := newProvider(ctx, relayerProcess, newRelayer(ctx, relayerProcess, `{"network": "localnet"}`), "eth-usd")
	digest := make([]byte, 32)
	a := &answers{errors: make(chan string, 100)}
	use := func() {
		t.Helper()
		reporting := newReportingPlugin(ctx, p, provider, a, digest)
		timestamp := &pb.ReportTimestamp{ConfigDigest: digest}
		_, err := reporting.Query(ctx, &pb.QueryRequest{Timestamp: timestamp})
		noError(t, err)
		// This call also uses the error log and the data source.
		_, err = reporting.Observation(ctx, &pb.ObservationRequest{Timestamp: timestamp})
		noError(t, err)
		_, err = reporting.Report(ctx, &pb.ReportRequest{Timestamp: timestamp,
			Observations: []*pb.AttributedObservation{{Observation: []byte{1}}}})
		wantCode(t, err, codes.InvalidArgument)
	}
	use()
	files, sockets := p.descriptors()
	names := len(p.sockets())
	for range 20 {
		use()
	}
	eventually(t, "no more sockets than before", func() bool {
		f, s := p.descriptors()
		return f <= files && s <= sockets && len(p.sockets()) == names
	})
	p.stop()
}

func TestCloseTakesAll(t *testing.T) {
	for name, command := range relayers(t) {
		t.Run(name, func(t *testing.T) {
			ctx := newContext(t)
			p := startRelayer(t, plain, command...)
			_, err := pb.NewPluginRelayerClient(p.conn).NewRelayer(ctx, &pb.NewRelayerRequest{}) // wakes up all waiting calls
			wantCode(t, err, codes.InvalidArgument)
			_, before := p.descriptors()
			relayer := newRelayer(ctx, p, `{"network": "localnet"}`)
			newProvider(ctx, p, relayer, "one")
			provider := newProvider(ctx, p, relayer, "two")
			watched, err := pb.NewMedianContractClient(provider).WatchTransmissions(ctx, empty)
			noError(t, err)
			reply, err := pb.NewServiceClient(relayer).Name(ctx, empty)
			noError(t, err)
			if reply.Name != "relayer localnet" {
				t.Errorf("unexpected %v", reply)
			}
			_, err = pb.NewServiceClient(relayer).Close(ctx, empty)
			noError(t, err)
			_, err = watched.Recv()
			wantCode(t, err, codes.Unavailable)
			eventually(t, "the connection to the host alone is left", func() bool {
				_, sockets := p.descriptors()
				return sockets <= before && len(p.sockets()) == 1
			})
			p.stop()
		})
	}
}

func TestRelayerRefuses(t *testing.T) {
	for name, command := range relayers(t) {
		t.Run(name, func(t *testing.T) {
			ctx := newContext(t)
			p := startRelayer(t, plain, command...)
			create := func(config string, id uint32) error {
				_, err := pb.NewPluginRelayerClient(p.conn).NewRelayer(ctx, &pb.NewRelayerRequest{Config: config, KeystoreId: id})
				return err
			}
			network := `{"network": "localnet"}`
			for _, config := range []string{"", "[]", "{}", `{"network": 1}`} {
				wantCode(t, create(config, 1), codes.InvalidArgument)
			}
			wantCode(t, create(network, 0), codes.InvalidArgument)
			wantCode(t, create(network, 77), codes.FailedPrecondition) // after five seconds
			wantCode(t, create(network, serveKeystore(p)), codes.InvalidArgument)
			wantCode(t, create(`{"network": "localnet", "account": "carol"}`, serveKeystore(p, "bob")), codes.InvalidArgument)
			wantCode(t, create(network, p.serve(func(*grpc.Server) {})), codes.Unimplemented)

			relayer := newRelayer(ctx, p, network)
			_, err := pb.NewRelayerClient(relayer).NewProvider(ctx, &pb.NewProviderRequest{})
			wantCode(t, err, codes.InvalidArgument)
			provider := newProvider(ctx, p, relayer, "eth-usd")
			transmit := func(round uint32, answer int64) error {
				report, err := proto.Marshal(&pb.Report{Timestamp: &pb.ReportTimestamp{Epoch: 1, Round: round}, Answer: answer})
				noError(t, err)
				_, err = pb.NewContractTransmitterClient(provider).Transmit(ctx, &pb.TransmitRequest{Report: report})
				return err
			}
			noError(t, transmit(2, 5))
			noError(t, transmit(2, 5)) // the same transmission
			wantCode(t, transmit(2, 6), codes.FailedPrecondition)
			wantCode(t, transmit(1, 6), codes.FailedPrecondition)
			_, err = pb.NewContractTransmitterClient(provider).Transmit(ctx, &pb.TransmitRequest{Report: []byte{1}})
			wantCode(t, err, codes.InvalidArgument)
			reply, err := pb.NewMedianContractClient(newProvider(ctx, p, newRelayer(ctx, p, network), "eth-usd")).
				LatestTransmission(ctx, empty)
			noError(t, err)
			if reply.Transmission == nil {
				t.Error("the chain must outlive the relayer")
			}
		})
	}
}

func TestStartedByHand(t *testing.T) {
	commands := relayers(t)
	commands["median"] = []string{goMedian}
	for name, command := range commands {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			process := exec.CommandContext(newContext(t), command[0], command[1:]...)
			process.Stdout, process.Stderr = &stdout, &stderr
			process.Run()
			if process.ProcessState.ExitCode() != 1 || stdout.Len() != 0 || !strings.Contains(stderr.String(), "is a plugin") {
				t.Errorf("exit code %d, stdout %q, stderr %q", process.ProcessState.ExitCode(), &stdout, &stderr)
			}
		})
	}
}

func TestMedianRefuses(t *testing.T) {
	ctx := newContext(t)
	relayerProcess, p := startRelayer(t, plain, goRelayer), startMedian(t, plain)
	provider := newProvider(ctx, relayerProcess, newRelayer(ctx, relayerProcess, `{"network": "localnet"}`), "eth-usd")
	_, err := pb.NewPluginMedianClient(p.conn).NewMedianFactory(ctx, &pb.NewMedianFactoryRequest{})
	wantCode(t, err, codes.InvalidArgument)
	_, err = pb.NewPluginMedianClient(p.conn).NewMedianFactory(ctx,
		&pb.NewMedianFactoryRequest{ContractId: "eth-usd", ProviderId: p.forward(provider)})
	wantCode(t, err, codes.InvalidArgument)
	if sockets := p.sockets(); len(sockets) != 1 {
		t.Errorf("nothing was created, and there are %v", sockets)
	}

	digest := bytes.Repeat([]byte{1}, 32)
	timestamp := &pb.ReportTimestamp{ConfigDigest: digest, Epoch: 1, Round: 1}
	a := &answers{errors: make(chan string, 10), value: 7}
	reporting := newReportingPlugin(ctx, p, provider, a, digest)
	_, err = reporting.Query(ctx, &pb.QueryRequest{Timestamp: &pb.ReportTimestamp{ConfigDigest: digest[1:]}})
	wantCode(t, err, codes.InvalidArgument)
	o, err := reporting.Observation(ctx, &pb.ObservationRequest{Timestamp: timestamp})
	noError(t, err)
	_, err = reporting.Report(ctx, &pb.ReportRequest{Timestamp: timestamp, Observations: []*pb.AttributedObservation{
		{Observation: o.Observation}, {Observation: o.Observation}, {Observation: []byte{1}, Observer: 9}}})
	wantCode(t, err, codes.InvalidArgument)
	if message := <-a.errors; message != "the observation of oracle 9 cannot be read" {
		t.Errorf("unexpected %q", message)
	}
	a.err = errors.New("no value")
	_, err = reporting.Observation(ctx, &pb.ObservationRequest{Timestamp: timestamp})
	wantCode(t, err, codes.Unknown)
	if message := <-a.errors; message != "the data source: no value" {
		t.Errorf("unexpected %q", message)
	}

	// A failure behind the host keeps its code.
	relayerProcess.client.Kill()
	_, err = reporting.Query(ctx, &pb.QueryRequest{Timestamp: timestamp})
	wantCode(t, err, codes.Unavailable)
	p.stop()
}
