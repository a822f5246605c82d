// Command stranger is several plugins, for the tests of generated contracts. The argument tells which one. They use
// go-plugin as its examples do, and know nothing of their host.
package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	pb "stranger/strangerpb"
)

func main() {
	plugins := map[string]func(*grpc.Server, *plugin.GRPCBroker){
		"counter": func(s *grpc.Server, b *plugin.GRPCBroker) {
			pb.RegisterCounterServer(s, &counter{broker: b, values: map[string]int64{}})
		},
		"backend": func(s *grpc.Server, b *plugin.GRPCBroker) { pb.RegisterBackendServer(s, &backend{broker: b}) },
		"agent":   func(s *grpc.Server, b *plugin.GRPCBroker) { pb.RegisterAgentServer(s, &agent{broker: b}) },
		"oracle":  func(s *grpc.Server, b *plugin.GRPCBroker) { pb.RegisterOracleServer(s, &oracle{broker: b}) },
		"loader":  func(s *grpc.Server, b *plugin.GRPCBroker) { pb.RegisterLoaderServer(s, &loader{broker: b}) },
	}
	name := os.Args[1]
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "STRANGER", MagicCookieValue: "stranger"},
		Plugins:         plugin.PluginSet{name: &served{register: plugins[name]}},
		GRPCServer:      plugin.DefaultGRPCServer,
	})
}

type served struct {
	plugin.NetRPCUnsupportedPlugin
	register func(*grpc.Server, *plugin.GRPCBroker)
}

func (p *served) GRPCServer(broker *plugin.GRPCBroker, s *grpc.Server) error {
	p.register(s, broker)
	return nil
}

func (p *served) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	panic("this is the plugin's side")
}

type counter struct {
	pb.UnimplementedCounterServer
	broker *plugin.GRPCBroker
	lock   sync.Mutex
	values map[string]int64
}

func (c *counter) Get(_ context.Context, r *pb.GetRequest) (*pb.GetResponse, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return &pb.GetResponse{Value: c.values[r.Key]}, nil
}

func (c *counter) Put(ctx context.Context, r *pb.PutRequest) (*emptypb.Empty, error) {
	conn, err := c.broker.Dial(r.AddServer)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	c.lock.Lock()
	defer c.lock.Unlock()
	sum, err := pb.NewAddHelperClient(conn).Sum(ctx, &pb.SumRequest{A: c.values[r.Key], B: r.Value})
	if err != nil {
		return nil, err
	}
	c.values[r.Key] = sum.R
	return &emptypb.Empty{}, nil
}

type backend struct {
	pb.UnimplementedBackendServer
	broker  *plugin.GRPCBroker
	storage pb.StorageClient
	prefix  string
}

func (b *backend) Setup(ctx context.Context, r *pb.SetupArgs) (*pb.SetupReply, error) {
	conn, err := b.broker.Dial(r.BrokerId)
	if err != nil {
		return nil, err
	}
	storage := pb.NewStorageClient(conn)
	if _, err := storage.Get(ctx, &pb.StorageGetArgs{Key: "setup"}); err != nil {
		return nil, err
	}
	b.storage, b.prefix = storage, r.Config["prefix"]
	return &pb.SetupReply{}, nil
}

func (b *backend) Read(ctx context.Context, r *pb.ReadArgs) (*pb.ReadReply, error) {
	if b.storage == nil {
		return nil, status.Error(codes.FailedPrecondition, "Setup must come first")
	}
	v, err := b.storage.Get(ctx, &pb.StorageGetArgs{Key: r.Path})
	if err != nil {
		return nil, err
	}
	return &pb.ReadReply{Value: b.prefix + v.Value}, nil
}

type agent struct {
	pb.UnimplementedAgentServer
	broker   *plugin.GRPCBroker
	provider pb.IdentityProviderClient
}

func (a *agent) Init(ctx context.Context, r *pb.InitRequest) (*emptypb.Empty, error) {
	if r.HostId != 1 {
		return nil, status.Errorf(codes.InvalidArgument, "the id must be 1 and is %d", r.HostId)
	}
	conn, err := a.broker.Dial(1)
	if err != nil {
		return nil, err
	}
	provider := pb.NewIdentityProviderClient(conn)
	if _, err := provider.Fetch(ctx, &emptypb.Empty{}); err != nil {
		return nil, err
	}
	a.provider = provider
	return &emptypb.Empty{}, nil
}

func (a *agent) Identity(ctx context.Context, _ *emptypb.Empty) (*pb.IdentityReply, error) {
	if a.provider == nil {
		return nil, status.Error(codes.FailedPrecondition, "Init must come first")
	}
	return a.provider.Fetch(ctx, &emptypb.Empty{})
}

type oracle struct {
	pb.UnimplementedOracleServer
	broker  *plugin.GRPCBroker
	name    string
	sources []pb.SourceClient
}

func (o *oracle) Initialise(ctx context.Context, r *pb.InitialiseRequest) (*emptypb.Empty, error) {
	var sources []pb.SourceClient
	for _, id := range []uint32{r.Source_1, r.Source_2, r.Source_3, r.Source_4, r.Source_5, r.Source_6, r.Source_7,
		r.Source_8, r.Source_9, r.Source_10, r.Source_11, r.Source_12} {
		conn, err := o.broker.Dial(id)
		if err != nil {
			return nil, err
		}
		source := pb.NewSourceClient(conn)
		if _, err := source.Value(ctx, &emptypb.Empty{}); err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	o.name, o.sources = r.Name, sources
	return &emptypb.Empty{}, nil
}

func (o *oracle) Total(ctx context.Context, _ *emptypb.Empty) (*pb.TotalReply, error) {
	if len(o.sources) != 12 {
		return nil, status.Error(codes.FailedPrecondition, "Initialise must come first")
	}
	var total int64
	for _, source := range o.sources {
		v, err := source.Value(ctx, &emptypb.Empty{})
		if err != nil {
			return nil, err
		}
		total = total*2 + v.Value
	}
	return &pb.TotalReply{Total: total, Name: o.name}, nil
}

type loader struct {
	pb.UnimplementedLoaderServer
	broker   *plugin.GRPCBroker
	registry pb.RegistryClient
}

func (l *loader) Initialise(_ context.Context, r *pb.LoaderRequest) (*emptypb.Empty, error) {
	conn, err := l.broker.Dial(r.RegistryId)
	if err != nil {
		return nil, err
	}
	l.registry = pb.NewRegistryClient(conn)
	return &emptypb.Empty{}, nil
}

func (l *loader) Load(ctx context.Context, r *pb.LoadRequest) (*pb.LoadReply, error) {
	if l.registry == nil {
		return nil, status.Error(codes.FailedPrecondition, "Initialise must come first")
	}
	id := l.broker.NextId()
	j := &job{name: r.Name}
	go l.broker.AcceptAndServe(id, func(options []grpc.ServerOption) *grpc.Server {
		j.server = grpc.NewServer(options...)
		pb.RegisterJobServer(j.server, j)
		return j.server
	})
	added, err := l.registry.Add(ctx, &pb.AddRequest{Name: r.Name, Id: id})
	if err != nil {
		return nil, err
	}
	return &pb.LoadReply{Answer: added.Answer}, nil
}

type job struct {
	pb.UnimplementedJobServer
	name   string
	server *grpc.Server
}

func (j *job) Run(_ context.Context, r *pb.RunRequest) (*pb.RunReply, error) {
	return &pb.RunReply{Output: fmt.Sprintf("%s runs %s", j.name, r.Input)}, nil
}

func (j *job) Close(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	go j.server.GracefulStop()
	return &emptypb.Empty{}, nil
}
