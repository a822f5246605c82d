// Command go-bindings is a pluggable mailbox in a folder. Its output binding adds items; its input binding sends the
// items to the host and keeps the answers. Use it as a starting point: keep the main function and replace the mailbox,
// whose items are in item.go.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	dapr "github.com/dapr-sandbox/components-go-sdk"
	sdk "github.com/dapr-sandbox/components-go-sdk/bindings/v1"
	"github.com/dapr/components-contrib/bindings"
)

func main() {
	name := flag.String("name", "mailbox", "component name; the socket file is <name>.sock")
	flag.Parse()
	// The SDK calls each factory once for each x-component-instance value. So the two directions of a component are
	// two objects, which share the folder.
	dapr.Register(*name, dapr.WithOutputBinding(func() sdk.OutputBinding { return &mailbox{} }),
		dapr.WithInputBinding(func() sdk.InputBinding { return &mailbox{} }))
	dapr.MustRun()
}

var (
	mu      sync.Mutex          // guards the folders of all mailboxes, and the fields below
	changed = sync.NewCond(&mu) // there may be something to read, or a stream has ended
	reading = map[string]bool{} // the files whose items a host has not answered yet
)

// mailbox implements bindings.OutputBinding and bindings.InputBinding. Each item is a file in its folder.
type mailbox struct {
	sdk.InputBinding // nil, for the methods that the SDK never calls
	folder           string
}

// Init may come again, for example after a reconnect. It keeps only the folder.
func (m *mailbox) Init(_ context.Context, md bindings.Metadata) error {
	mu.Lock()
	defer mu.Unlock()
	folder := md.Properties["folder"]
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("invalid metadata folder=%q: %w", folder, err)
	}
	m.folder = folder
	return nil
}

// file returns the file of an item. No id leads out of the folder.
func (m *mailbox) file(id string) string { return filepath.Join(m.folder, filepath.Base(id)+".json") }

// ids lists the items in the order of their creation, which is the order of their names.
func (m *mailbox) ids() []string {
	ids := []string{}
	entries, _ := os.ReadDir(m.folder)
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), ".json"); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

var operations = []bindings.OperationKind{"create", "get", "list", "delete"}

func (m *mailbox) Operations() []bindings.OperationKind { return operations }

func (m *mailbox) Invoke(_ context.Context, r *bindings.InvokeRequest) (*bindings.InvokeResponse, error) {
	mu.Lock()
	defer mu.Unlock()
	if m.folder == "" {
		return nil, fmt.Errorf("Init has not been called")
	}
	id := r.Metadata["id"]
	switch r.Operation {
	case "create":
		id = strconv.FormatInt(time.Now().UnixNano(), 10)
		i := item{Data: r.Data, Metadata: map[string]string{}, State: "waiting"}
		maps.Copy(i.Metadata, r.Metadata)
		i.Metadata["id"] = id
		changed.Broadcast()
		return &bindings.InvokeResponse{Data: []byte(id), Metadata: map[string]string{"id": id}}, i.save(m.file(id))
	case "list":
		list, err := json.Marshal(m.ids())
		return &bindings.InvokeResponse{Data: list}, err
	case "get":
		i, err := load(m.file(id))
		md := map[string]string{"id": id, "state": i.State, "answer": i.Answer}
		return &bindings.InvokeResponse{Data: i.Data, Metadata: md}, err
	case "delete":
		return nil, os.Remove(m.file(id))
	}
	return nil, fmt.Errorf("there is no operation %q", r.Operation)
}

// Read returns at once, because the SDK reads answers only after that.
func (m *mailbox) Read(ctx context.Context, handler bindings.Handler) error {
	mu.Lock()
	defer mu.Unlock()
	if m.folder == "" {
		return fmt.Errorf("Init has not been called")
	}
	go m.deliver(ctx, handler)
	return nil
}

// deliver sends each item without an answer to the host once, and then each new item, until the stream ends.
func (m *mailbox) deliver(ctx context.Context, handler bindings.Handler) {
	// The SDK panics if it reads an answer while its handler gives up, so the handler learns of the end late.
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(100*time.Millisecond, cancel); changed.Broadcast() })
	mu.Lock()
	defer mu.Unlock()
	for seen := map[string]bool{}; ctx.Err() == nil; changed.Wait() {
		for _, id := range m.ids() {
			if file := m.file(id); !seen[id] && !reading[file] {
				seen[id] = true
				if i, err := load(file); err == nil && i.State != "answered" {
					reading[file] = true
					go i.read(late, file, handler)
				}
			}
		}
	}
}
