// Command sockets serves a state store on many sockets, as one process that offers many components does.
//
// The arguments are pairs of a folder and the number of sockets in it. The program ends when its standard input ends.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strconv"

	components "github.com/dapr/dapr/pkg/proto/components/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
)

type store struct {
	components.UnimplementedStateStoreServer
}

func (*store) Init(context.Context, *components.InitRequest) (*components.InitResponse, error) {
	return &components.InitResponse{}, nil
}

func (*store) Features(context.Context, *components.FeaturesRequest) (*components.FeaturesResponse, error) {
	return &components.FeaturesResponse{}, nil
}

func (*store) Ping(context.Context, *components.PingRequest) (*components.PingResponse, error) {
	return &components.PingResponse{}, nil
}

func main() {
	server := grpc.NewServer()
	components.RegisterStateStoreServer(server, &store{})
	reflection.Register(server)
	for i := 1; i+1 < len(os.Args); i += 2 {
		count, err := strconv.Atoi(os.Args[i+1])
		if err != nil {
			log.Fatal(err)
		}
		for j := range count {
			listener, err := net.Listen("unix", filepath.Join(os.Args[i], fmt.Sprintf("s%04d.sock", j)))
			if err != nil {
				log.Fatal(err)
			}
			go func() { log.Fatal(server.Serve(listener)) }()
		}
	}
	fmt.Println("listening in Go")
	io.Copy(io.Discard, os.Stdin)
}
