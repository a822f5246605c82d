package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// recordTimeout limits the calls to the ledger.
const recordTimeout = 10 * time.Second

// servePlugin serves the components with go-plugin, and also accounts. The service soak.Factory creates accounts, each on
// a brokered connection of its own. An account records what is added to it in a ledger (soak.Ledger), which the host
// serves on another brokered connection.
func (c *component) servePlugin() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "SOAK_COOKIE", MagicCookieValue: "soak",
		},
		Plugins: plugin.PluginSet{"plugin": &factory{component: c, accounts: map[string]*account{}}},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			server := c.server(options)
			c.listens()
			c.endOnSignal(server, "")
			return server
		},
		Logger: hclog.NewNullLogger(),
	})
}

type factory struct {
	plugin.NetRPCUnsupportedPlugin
	component *component
	broker    *plugin.GRPCBroker
	mutex     sync.Mutex
	accounts  map[string]*account
}

func (f *factory) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, status.Error(codes.Unimplemented, "the host is not written in Go")
}

func (f *factory) GRPCServer(broker *plugin.GRPCBroker, server *grpc.Server) error {
	f.broker = broker
	server.RegisterService(service("soak.Factory", method("Create", f.create)), f)
	return nil
}

// create creates an account. The request consists of the name of the account and the id of the ledger.
func (f *factory) create(_ context.Context, request *wrapperspb.StringValue) (*wrapperspb.UInt32Value, error) {
	name, text, _ := strings.Cut(request.Value, " ")
	var id uint32
	if _, err := fmt.Sscan(text, &id); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	ledger, err := f.broker.Dial(id)
	if err != nil {
		return nil, status.Error(codes.FailedPrecondition, err.Error())
	}
	a := &account{factory: f, name: name, ledger: ledger}
	number := f.broker.NextId()
	serving, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		f.broker.AcceptAndServe(number, func(options []grpc.ServerOption) *grpc.Server {
			a.server = grpc.NewServer(append(options, f.component.options...)...)
			a.server.RegisterService(service("soak.Account", method("Add", a.add), method("Close", a.closed)), a)
			close(serving)
			return a.server
		})
	}()
	select {
	case <-serving:
	case <-ended:
		ledger.Close()
		return nil, status.Error(codes.Internal, "the account cannot be served")
	}
	// The host creates an account again if it has lost the earlier one.
	f.mutex.Lock()
	earlier := f.accounts[name]
	f.accounts[name] = a
	f.mutex.Unlock()
	if earlier != nil {
		go earlier.close()
	}
	return wrapperspb.UInt32(number), nil
}

// account is an object on a brokered connection.
type account struct {
	factory *factory
	name    string
	ledger  *grpc.ClientConn
	server  *grpc.Server
}

// add records a text in the ledger of the host.
func (a *account) add(ctx context.Context, text *wrapperspb.StringValue) (*emptypb.Empty, error) {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	return &emptypb.Empty{}, a.ledger.Invoke(ctx, "/soak.Ledger/Record", text, &emptypb.Empty{})
}

func (a *account) closed(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	a.factory.mutex.Lock()
	if a.factory.accounts[a.name] == a {
		delete(a.factory.accounts, a.name)
	}
	a.factory.mutex.Unlock()
	// The end of the server waits for this call.
	go a.close()
	return &emptypb.Empty{}, nil
}

func (a *account) close() {
	time.AfterFunc(ageGrace, a.server.Stop)
	a.server.GracefulStop()
	a.ledger.Close()
}

func service(name string, methods ...grpc.MethodDesc) *grpc.ServiceDesc {
	return &grpc.ServiceDesc{ServiceName: name, HandlerType: (*any)(nil), Methods: methods}
}

// method describes a unary method, so that no code needs to be generated.
func method[Q, R any](name string, call func(context.Context, *Q) (*R, error)) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error,
		_ grpc.UnaryServerInterceptor) (any, error) {
		request := new(Q)
		if err := decode(request); err != nil {
			return nil, err
		}
		return call(ctx, request)
	}}
}
