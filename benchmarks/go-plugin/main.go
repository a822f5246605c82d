// Command brokered is a plugin that calls its host back, and a host of this plugin with go-plugin's own client.
//
// The plugin has one method. It dials the id in the request, asks the health service behind it, and closes the
// connection. "brokered host [mtls]" launches the plugin; each line on its standard input is a number of rounds. A round
// serves a health service, calls the plugin with the id, and ends the server. The answer is the time of all rounds, and
// the processor time of the host in that time, in microseconds.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const method = "/benchmarks.Caller/CallBack"

var handshake = plugin.HandshakeConfig{
	ProtocolVersion: 1, MagicCookieKey: "BENCHMARKS_COOKIE", MagicCookieValue: "brokered",
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "host" {
		host(slices.Contains(os.Args, "mtls"))
		return
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: handshake,
		Plugins:         plugin.PluginSet{"caller": &caller{}},
		GRPCServer:      plugin.DefaultGRPCServer,
		Logger:          hclog.NewNullLogger(),
	})
}

type caller struct {
	plugin.NetRPCUnsupportedPlugin
	broker *plugin.GRPCBroker
	conn   *grpc.ClientConn
}

func (c *caller) GRPCServer(broker *plugin.GRPCBroker, s *grpc.Server) error {
	c.broker = broker
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "benchmarks.Caller",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "CallBack", Handler: c.callBack}},
	}, c)
	return nil
}

func (c *caller) callBack(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	id := new(wrapperspb.UInt32Value)
	if err := decode(id); err != nil {
		return nil, err
	}
	conn, err := c.broker.Dial(id.Value)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_, err = healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	return &emptypb.Empty{}, err
}

func (c *caller) GRPCClient(_ context.Context, broker *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return &caller{broker: broker, conn: conn}, nil
}

func host(mtls bool) {
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          plugin.PluginSet{"caller": &caller{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         mtls,
		Logger:           hclog.NewNullLogger(),
		Cmd:              exec.Command(os.Args[0]),
	})
	defer client.Kill()
	protocol, err := client.Client()
	check(err)
	it, err := protocol.Dispense("caller")
	check(err)
	fmt.Println("listening in Go")
	answer(it.(*caller).round)
}

// answer reads numbers of rounds, and prints how long the rounds take.
func answer(round func()) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var rounds int
		_, err := fmt.Sscan(lines.Text(), &rounds)
		check(err)
		processor := processorTime()
		begun := time.Now()
		for range rounds {
			round()
		}
		fmt.Println(time.Since(begun).Microseconds(), (processorTime() - processor).Microseconds())
	}
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func (c *caller) round() {
	id := c.broker.NextId()
	served := make(chan *grpc.Server, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.broker.AcceptAndServe(id, func(options []grpc.ServerOption) *grpc.Server {
			s := grpc.NewServer(options...)
			healthpb.RegisterHealthServer(s, health.NewServer())
			served <- s
			return s
		})
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	check(c.conn.Invoke(ctx, method, wrapperspb.UInt32(id), &emptypb.Empty{}))
	(<-served).Stop()
	<-ended
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
