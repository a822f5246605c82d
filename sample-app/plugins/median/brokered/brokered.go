// Package brokered owns the servers and connections that a plugin opens through the broker of go-plugin. It closes each
// of them exactly once: when the host asks for it, when the same object is created again, or when the process ends.
package brokered

import (
	"context"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	pb "median/medianpb"
)

const (
	// callTimeout limits calls to the host that have no deadline.
	callTimeout = 10 * time.Second
	// grace is the time that calls under way get when their object is closed.
	grace = 5 * time.Second
)

// Dial connects to the services that the host serves under an id. It waits at most five seconds for the host to announce
// the id, which is useless after that. The caller closes the connection.
func Dial(broker *plugin.GRPCBroker, what string, id uint32) (*grpc.ClientConn, error) {
	if id == 0 {
		return nil, status.Errorf(codes.InvalidArgument, "there is no id of the %s in the request", what)
	}
	conn, err := broker.DialWithOptions(id, grpc.WithUnaryInterceptor(bound))
	if err != nil {
		return nil, status.Errorf(codes.FailedPrecondition, "the %s cannot be reached with the id %d: %v", what, id, err)
	}
	return conn, nil
}

func bound(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	return invoke(ctx, method, request, reply, conn, options...)
}

// Failed returns the status of a call that failed because another call failed. It keeps the code, which tells the host
// whether something was unavailable.
func Failed(what string, err error) error {
	return status.Errorf(status.Code(err), "%s: %s", what, status.Convert(err).Message())
}

// Object is an object that a plugin created for its host: services on their own connection.
type Object struct {
	ID     uint32 // the id that the host dials
	name   string
	server *grpc.Server
	owned  []io.Closer
	ctx    context.Context // ends when closing begins
	end    context.CancelFunc
	once   sync.Once
}

// Serve creates an object with the services that register adds, and adds Service to them. The object owns the given
// closers, and closes them in this order after its server; after an error, Serve closes them at once.
func Serve(broker *plugin.GRPCBroker, name string, register func(grpc.ServiceRegistrar, *Object),
	owned ...io.Closer) (*Object, error) {
	o := &Object{ID: broker.NextId(), name: name, owned: owned}
	o.ctx, o.end = context.WithCancel(context.Background())
	serving, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		// Unlike Accept, AcceptAndServe adds TLS if the host asked for it.
		broker.AcceptAndServe(o.ID, func(options []grpc.ServerOption) *grpc.Server {
			o.server = grpc.NewServer(options...)
			pb.RegisterServiceServer(o.server, service{object: o})
			register(o.server, o)
			close(serving)
			return o.server
		})
	}()
	select {
	case <-serving:
		return o, nil
	case <-ended:
		closeAll(owned)
		return nil, status.Errorf(codes.Internal, "%s cannot be served; the log says why", name)
	}
}

// Context ends when the object begins to close; streams should then end.
func (o *Object) Context() context.Context { return o.ctx }

// Close refuses new calls, ends streams, gives the calls that are under way some time, and closes what the object
// owns. It returns when all this is done, and may be called more than once.
func (o *Object) Close() error {
	o.once.Do(func() {
		o.end()
		late := time.AfterFunc(grace, o.server.Stop)
		o.server.GracefulStop()
		late.Stop()
		closeAll(o.owned)
	})
	return nil
}

func closeAll(closers []io.Closer) {
	for _, c := range closers {
		c.Close()
	}
}

// service implements Service, which every object has.
type service struct {
	pb.UnimplementedServiceServer
	object *Object
}

func (s service) Name(context.Context, *emptypb.Empty) (*pb.NameReply, error) {
	return &pb.NameReply{Name: s.object.name}, nil
}

// Close does not wait, because closing waits for this call.
func (s service) Close(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	go s.object.Close()
	return &emptypb.Empty{}, nil
}

// Objects keeps the open objects of one kind by key. The zero value is ready to use.
type Objects struct {
	mu     sync.Mutex
	closed bool
	byKey  map[string]*Object
	open   map[*Object]bool // includes objects that were replaced and are still closing
}

// Put takes ownership of an object and closes the former object of the same key: the host creates an object again if it
// has lost the former one. After an error, Put closes the object.
func (s *Objects) Put(key string, o *Object) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		o.Close()
		return status.Errorf(codes.Unavailable, "%s was closed at once, because what created it has been closed", o.name)
	}
	if s.byKey == nil {
		s.byKey, s.open = map[string]*Object{}, map[*Object]bool{}
	}
	former := s.byKey[key]
	s.byKey[key], s.open[o] = o, true
	s.mu.Unlock()
	if former != nil {
		go former.Close()
	}
	context.AfterFunc(o.ctx, func() {
		o.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, o)
		if s.byKey[key] == o {
			delete(s.byKey, key)
		}
	})
	return nil
}

// Close closes all objects, and all objects that are put later.
func (s *Objects) Close() error {
	s.mu.Lock()
	s.closed = true
	objects := slices.Collect(maps.Keys(s.open))
	s.mu.Unlock()
	var all sync.WaitGroup
	for _, o := range objects {
		all.Add(1)
		go func() {
			defer all.Done()
			o.Close()
		}()
	}
	all.Wait()
	return nil
}
