// Package host runs the flow of ../README.md with go-plugin's own host. It tests the plugins; the host of the sample is
// in Java.
package host

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "median/medianpb"
)

const patience = 60 * time.Second

var goRelayer, goMedian string // the programs

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "median")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(folder)
		build := exec.Command("go", "build", "-o", folder+"/", "../go-relayer", "../go-median")
		if output, err := build.CombinedOutput(); err != nil {
			panic(fmt.Sprintf("%v: %s", err, output))
		}
		goRelayer, goMedian = filepath.Join(folder, "go-relayer"), filepath.Join(folder, "go-median")
		return m.Run()
	}())
}

// process is a running plugin.
type process struct {
	t      *testing.T
	client *plugin.Client
	broker *plugin.GRPCBroker
	conn   *grpc.ClientConn
	folder string // the folder of its sockets
}

// security is the way in which a host secures its connections.
type security func(*testing.T, *plugin.ClientConfig)

func plain(*testing.T, *plugin.ClientConfig) {}

func autoMTLS(_ *testing.T, config *plugin.ClientConfig) { config.AutoMTLS = true }

// autoMTLS256 uses a key on the curve P-256, as hosts in other languages do. Hosts in Go use P-521, which some TLS
// libraries do not support.
func autoMTLS256(t *testing.T, config *plugin.ClientConfig) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, SerialNumber: big.NewInt(1),
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	noError(t, err)
	config.TLSConfig = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientAuth:   tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12, ServerName: "localhost",
	}
	config.Cmd.Env = append(config.Cmd.Env,
		"PLUGIN_CLIENT_CERT="+string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

func startRelayer(t *testing.T, secure security, command ...string) *process {
	t.Helper()
	return start(t, "SAMPLE_RELAYER_COOKIE", "median-sample-relayer", secure, command...)
}

func startMedian(t *testing.T, secure security) *process {
	t.Helper()
	return start(t, "SAMPLE_MEDIAN_COOKIE", "median-sample-median", secure, goMedian)
}

func start(t *testing.T, key, value string, secure security, command ...string) *process {
	t.Helper()
	// t.TempDir() is too long for the paths of sockets.
	folder, err := os.MkdirTemp("", "p")
	noError(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	config := &plugin.ClientConfig{
		HandshakeConfig:  plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: key, MagicCookieValue: value},
		Plugins:          plugin.PluginSet{"it": hostSide{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: os.Stderr}),
		Cmd:              exec.Command(command[0], command[1:]...),
	}
	config.Cmd.Env = []string{"PLUGIN_UNIX_SOCKET_DIR=" + folder}
	secure(t, config)
	p := &process{t: t, client: plugin.NewClient(config), folder: folder}
	t.Cleanup(p.client.Kill)
	protocol, err := p.client.Client()
	noError(t, err)
	it, err := protocol.Dispense("it")
	noError(t, err)
	p.broker, p.conn = it.(hostSide).broker, it.(hostSide).conn
	return p
}

// hostSide implements the host's side of a plugin, and is the client of the plugin.
type hostSide struct {
	plugin.NetRPCUnsupportedPlugin
	broker *plugin.GRPCBroker
	conn   *grpc.ClientConn
}

func (hostSide) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (hostSide) GRPCClient(_ context.Context, broker *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return hostSide{broker: broker, conn: conn}, nil
}

// stop ends the process regularly and verifies that nothing is left.
func (p *process) stop() {
	p.t.Helper()
	p.client.Kill()
	if sockets := p.sockets(); len(sockets) != 0 {
		p.t.Errorf("left behind: %v", sockets)
	}
}

// serve offers services to the process.
func (p *process) serve(register func(*grpc.Server), options ...grpc.ServerOption) uint32 {
	id := p.broker.NextId()
	go p.broker.AcceptAndServe(id, func(tls []grpc.ServerOption) *grpc.Server {
		s := grpc.NewServer(append(tls, options...)...)
		register(s)
		p.t.Cleanup(s.Stop)
		return s
	})
	return id
}

// forward offers the services of another connection to the process, and passes calls on as bytes.
func (p *process) forward(to *grpc.ClientConn) uint32 {
	return p.serve(func(*grpc.Server) {}, grpc.ForceServerCodec(raw{}),
		grpc.UnknownServiceHandler(func(_ any, from grpc.ServerStream) error {
			ctx, cancel := context.WithCancel(from.Context())
			defer cancel()
			md, _ := metadata.FromIncomingContext(ctx)
			method, _ := grpc.MethodFromServerStream(from)
			description := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
			call, err := to.NewStream(metadata.NewOutgoingContext(ctx, md.Copy()), description, method, grpc.ForceCodec(raw{}))
			if err != nil {
				return err
			}
			go func() {
				defer call.CloseSend()
				for message := new([]byte); from.RecvMsg(message) == nil && call.SendMsg(message) == nil; {
				}
			}()
			for {
				message := new([]byte)
				if err := call.RecvMsg(message); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
				if err := from.SendMsg(message); err != nil {
					return err
				}
			}
		}))
}

type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (raw) Name() string                  { return "proto" }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func (p *process) dial(id uint32) *grpc.ClientConn {
	p.t.Helper()
	conn, err := p.broker.Dial(id)
	noError(p.t, err)
	p.t.Cleanup(func() { conn.Close() })
	return conn
}

func (p *process) sockets() []string {
	var sockets []string
	noError(p.t, filepath.WalkDir(p.folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type() == os.ModeSocket {
			sockets = append(sockets, path)
		}
		return err
	}))
	return sockets
}

// descriptors counts the open files of the process, and the sockets among them.
func (p *process) descriptors() (all, sockets int) {
	folder := filepath.Join("/proc", strconv.Itoa(p.pid()), "fd")
	entries, err := os.ReadDir(folder)
	noError(p.t, err)
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(folder, e.Name())); err == nil && len(target) > 7 && target[:7] == "socket:" {
			sockets++
		}
	}
	return len(entries), sockets
}

func (p *process) pid() int {
	pid, err := strconv.Atoi(p.client.ID())
	noError(p.t, err)
	return pid
}

// keystore has one account, and its signatures can be verified.
type keystore struct {
	pb.UnimplementedKeystoreServer
	accounts []string
}

func signature(account string, data []byte) string { return fmt.Sprintf("%s signs %x", account, data) }

// answers is a data source and an error log.
type answers struct {
	pb.UnimplementedDataSourceServer
	pb.UnimplementedErrorLogServer
	value  int64
	err    error
	errors chan string
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func wantCode(t *testing.T, err error, code codes.Code) {
	t.Helper()
	if status.Code(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("still not so: %s", what)
		}
		// The change happens in another process, which sends no notice.
		time.Sleep(10 * time.Millisecond)
	}
}
