// Command soak is a component that keeps its state and its messages in a file, for the program of random faults.
//
// The data folder holds the log of the component and files by which the program of faults controls a component:
//
//	log        all values, messages and acknowledgements; several processes may use the log at the same time
//	listening  the ids of the processes that have listened, the last one last; written by the component
//	age        the longest age of a connection, such as 2s, after which the server sends GOAWAY; read at the start
//	crash      while this file exists, each process ends at its start
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	components "github.com/dapr/dapr/pkg/proto/components/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
)

const (
	// ageGrace is how long calls may last on a connection that has reached its age.
	ageGrace = 10 * time.Second
	// endGrace is how long calls may last after SIGTERM.
	endGrace = 3 * time.Second
)

func main() {
	data := flag.String("data", "", "data folder")
	socket := flag.String("socket", os.Getenv("PLUGGABLE_SOCKET_PATH"), "path of the socket")
	announce := flag.Bool("announce", false, "choose a socket and announce the socket as a go-plugin does")
	library := flag.Bool("go-plugin", false, "serve with the library go-plugin")
	child := flag.Bool("child", false, "end when standard input ends")
	flag.Parse()
	if *child {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
	}
	if _, err := os.Stat(filepath.Join(*data, "crash")); !errors.Is(err, fs.ErrNotExist) {
		log.Fatal("this process crashes at its start")
	}
	age, err := age(filepath.Join(*data, "age"))
	check(err)
	records, err := open(filepath.Join(*data, "log"))
	check(err)
	c := &component{records: records, listening: filepath.Join(*data, "listening")}
	if age > 0 {
		c.options = []grpc.ServerOption{grpc.KeepaliveParams(
			keepalive.ServerParameters{MaxConnectionAge: age, MaxConnectionAgeGrace: ageGrace})}
	}
	if *library {
		c.servePlugin()
		return
	}
	if *announce {
		*socket = filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), fmt.Sprintf("soak%d", os.Getpid()))
	}
	server := c.server(nil)
	reflection.Register(server)
	if *announce {
		checks := health.NewServer()
		checks.SetServingStatus("plugin", healthpb.HealthCheckResponse_SERVING)
		healthpb.RegisterHealthServer(server, checks)
	}
	// The data may be on another disk than the sockets.
	next := *socket
	if *child {
		next = filepath.Join(*data, "..", strconv.Itoa(os.Getpid()))
	}
	listener, err := listen(*socket, next)
	check(err)
	if *announce {
		fmt.Printf("1|1|unix|%s|grpc\n", *socket)
	}
	c.listens()
	c.endOnSignal(server, *socket)
	check(server.Serve(listener))
	// Serve returns before the last calls have ended.
	server.GracefulStop()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// component is what all ways to serve have in common.
type component struct {
	records   *records
	listening string // path of the file with the ids of the processes that have listened
	options   []grpc.ServerOption
}

// server creates a server with the components.
func (c *component) server(options []grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(append(options, c.options...)...)
	components.RegisterStateStoreServer(server, &store{records: c.records})
	components.RegisterPubSubServer(server, &broker{records: c.records})
	return server
}

// listens tells the program of faults that this process listens.
func (c *component) listens() {
	file, err := os.OpenFile(c.listening, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	check(err)
	_, err = fmt.Fprintln(file, os.Getpid())
	check(errors.Join(err, file.Close()))
}

// endOnSignal ends the server after SIGTERM.
func (c *component) endOnSignal(server *grpc.Server, socket string) {
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	go func() {
		<-terminated
		// A successor may own the socket already.
		text, err := os.ReadFile(c.listening)
		if err == nil && strings.HasSuffix("\n"+string(text), fmt.Sprintf("\n%d\n", os.Getpid())) {
			os.Remove(socket)
		}
		time.AfterFunc(endGrace, server.Stop)
		server.GracefulStop()
	}()
}

// listen binds a socket at another path and moves the socket to its path, so that a predecessor's socket is replaced at
// once.
func listen(path, next string) (net.Listener, error) {
	listener, err := net.Listen("unix", next)
	if err != nil {
		return nil, err
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	return listener, os.Rename(next, path)
}

// age reads the longest age of a connection; 0 means that connections do not age.
func age(path string) (time.Duration, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(strings.TrimSpace(string(text)))
}

// store is the state store.
type store struct {
	components.UnimplementedStateStoreServer
	records *records
}

func (s *store) Init(context.Context, *components.InitRequest) (*components.InitResponse, error) {
	return &components.InitResponse{}, nil
}

func (s *store) Features(context.Context, *components.FeaturesRequest) (*components.FeaturesResponse, error) {
	return &components.FeaturesResponse{}, nil
}

func (s *store) Ping(context.Context, *components.PingRequest) (*components.PingResponse, error) {
	return &components.PingResponse{}, nil
}

func (s *store) Set(_ context.Context, r *components.SetRequest) (*components.SetResponse, error) {
	return &components.SetResponse{}, s.records.set(r.Key, r.Value)
}

func (s *store) Get(_ context.Context, r *components.GetRequest) (*components.GetResponse, error) {
	value, err := s.records.get(r.Key)
	return &components.GetResponse{Data: value}, err
}
