// Command aging is a component that ends its connections in peace, for the tests of the application. It keeps values and
// messages in memory.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	components "github.com/dapr/dapr/pkg/proto/components/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
)

func main() {
	age := flag.Duration("age", 0, "the longest age of a connection; 0 for any")
	grace := flag.Duration("grace", 0, "the time that calls have on a connection of that age; 0 for any")
	idle := flag.Duration("idle", 0, "the longest time of a connection without a call; 0 for any")
	initTakes := flag.Duration("init", 0, "the time that Init takes")
	goPlugin := flag.Bool("go-plugin", false, "print the line of a go-plugin")
	flag.Parse()

	var options []grpc.ServerOption
	options = append(options, grpc.KeepaliveParams(keepalive.ServerParameters{
		MaxConnectionAge: *age, MaxConnectionAgeGrace: *grace, MaxConnectionIdle: *idle}))
	socket := filepath.Join(os.Getenv("DAPR_COMPONENT_SOCKETS_FOLDER"), "aging.sock")
	certificate := ""
	if *goPlugin {
		socket = filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "aging")
		if client := os.Getenv("PLUGIN_CLIENT_CERT"); client != "" {
			config, der, err := mutualTLS([]byte(client))
			if err != nil {
				log.Fatal(err)
			}
			options = append(options, grpc.Creds(credentials.NewTLS(config)))
			certificate = base64.RawStdEncoding.EncodeToString(der)
		}
	}
	server := grpc.NewServer(options...)
	components.RegisterStateStoreServer(server, &store{initTakes: *initTakes})
	components.RegisterPubSubServer(server, &bus{initTakes: *initTakes, changed: sync.NewCond(&sync.Mutex{})})
	reflection.Register(server)
	checks := health.NewServer()
	checks.SetServingStatus("plugin", healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(server, checks)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	if *goPlugin {
		fmt.Printf("1|1|unix|%s|grpc|%s\n", socket, certificate)
	}
	log.Fatal(server.Serve(listener))
}

// mutualTLS does what go-plugin does for AutoMTLS.
func mutualTLS(client []byte) (*tls.Config, []byte, error) {
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(client)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12,
	}, der, nil
}

// store is a state store.
type store struct {
	components.UnimplementedStateStoreServer
	initTakes time.Duration
	values    sync.Map
}

func (s *store) Init(context.Context, *components.InitRequest) (*components.InitResponse, error) {
	time.Sleep(s.initTakes)
	return &components.InitResponse{}, nil
}

func (s *store) Features(context.Context, *components.FeaturesRequest) (*components.FeaturesResponse, error) {
	return &components.FeaturesResponse{}, nil
}

func (s *store) Ping(context.Context, *components.PingRequest) (*components.PingResponse, error) {
	return &components.PingResponse{}, nil
}

func (s *store) Get(_ context.Context, request *components.GetRequest) (*components.GetResponse, error) {
	value, ok := s.values.Load(request.Key)
	if !ok {
		return &components.GetResponse{}, nil
	}
	return &components.GetResponse{Data: value.([]byte)}, nil
}

func (s *store) Set(_ context.Context, request *components.SetRequest) (*components.SetResponse, error) {
	s.values.Store(request.Key, request.Value)
	return &components.SetResponse{}, nil
}

// bus gives each message to one stream. A message that was not acknowledged when its stream ends comes again.
type bus struct {
	components.UnimplementedPubSubServer
	initTakes time.Duration
	changed   *sync.Cond
	last      int
	waiting   []*components.PullMessagesResponse
}

func (b *bus) Init(context.Context, *components.PubSubInitRequest) (*components.PubSubInitResponse, error) {
	time.Sleep(b.initTakes)
	return &components.PubSubInitResponse{}, nil
}

func (b *bus) Features(context.Context, *components.FeaturesRequest) (*components.FeaturesResponse, error) {
	return &components.FeaturesResponse{}, nil
}

func (b *bus) Ping(context.Context, *components.PingRequest) (*components.PingResponse, error) {
	return &components.PingResponse{}, nil
}

func (b *bus) Publish(_ context.Context, request *components.PublishRequest) (*components.PublishResponse, error) {
	b.changed.L.Lock()
	defer b.changed.L.Unlock()
	b.last++
	b.waiting = append(b.waiting, &components.PullMessagesResponse{
		Data: request.Data, TopicName: request.Topic, Id: strconv.Itoa(b.last)})
	b.changed.Broadcast()
	return &components.PublishResponse{}, nil
}

func (b *bus) PullMessages(stream components.PubSub_PullMessagesServer) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	sent := map[string]*components.PullMessagesResponse{}
	ended := false
	go func() {
		for {
			ack, err := stream.Recv()
			b.changed.L.Lock()
			if err != nil {
				ended = true
				b.changed.Broadcast()
				b.changed.L.Unlock()
				return
			}
			delete(sent, ack.AckMessageId)
			b.changed.L.Unlock()
		}
	}()
	b.changed.L.Lock()
	defer b.changed.L.Unlock()
	for !ended {
		if len(b.waiting) == 0 {
			b.changed.Wait()
			continue
		}
		message := b.waiting[0]
		b.waiting = b.waiting[1:]
		sent[message.Id] = message
		b.changed.L.Unlock()
		err := stream.Send(message)
		b.changed.L.Lock()
		if err != nil {
			break
		}
	}
	for _, message := range sent {
		b.waiting = append(b.waiting, message)
	}
	b.changed.Broadcast()
	return nil
}
