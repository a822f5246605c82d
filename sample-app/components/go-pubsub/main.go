// Command go-pubsub is a pluggable pub/sub broker that keeps its messages in memory and, if it is given a file, in
// there too. It is meant as a starting point: keep the main function and replace the broker below it.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	dapr "github.com/dapr-sandbox/components-go-sdk"
	sdk "github.com/dapr-sandbox/components-go-sdk/pubsub/v1"
	"github.com/dapr/components-contrib/pubsub"
)

func main() {
	name := flag.String("name", "broker", "component name; the socket file is <name>.sock")
	flag.Parse()
	// The SDK calls the factory once for each x-component-instance value, so every component that a host configures
	// gets a broker of its own.
	dapr.Register(*name, dapr.WithPubSub(func() sdk.PubSub { return newBroker() }))
	dapr.MustRun()
}

// pause is how long a message rests that was refused, and how long the SDK gets to end a stream.
const pause = 100 * time.Millisecond

// record is all that can happen to a broker, and a line of its file: a message is published (without Group), a group
// subscribes to a topic (without ID), or a group acknowledges a message (with both).
type record struct {
	Topic   string
	Group   string                  `json:",omitempty"`
	ID      uint64                  `json:",omitempty"`
	Message pubsub.BulkMessageEntry `json:",omitempty"`
}

// broker implements pubsub.PubSub and pubsub.BulkPublisher. The SDK calls it from many goroutines at a time.
type broker struct {
	sdk.PubSub // nil, for the methods that the SDK never calls

	changed *sync.Cond                      // a message waits, or a stream has ended; its lock guards the rest
	waiting map[string]map[string][]*record // messages by topic and group; those before the first group are under ""
	lastID  uint64
	group   string   // the consumerID; empty before Init
	file    *os.File // nil: in memory only
}

func newBroker() *broker {
	return &broker{changed: sync.NewCond(&sync.Mutex{}), waiting: map[string]map[string][]*record{}}
}

// Init may come again, say after a reconnect: it then leaves the messages alone.
func (b *broker) Init(_ context.Context, md pubsub.Metadata) error {
	b.changed.L.Lock()
	defer b.changed.L.Unlock()
	if path := md.Properties["file"]; path != "" && b.file == nil {
		if err := b.open(path); err != nil {
			return fmt.Errorf("cannot use the file %q: %w", path, err)
		}
	}
	b.group = cmp.Or(md.Properties["consumerID"], "default")
	return nil
}

// open replays the file. It is locked as long as the process lives, so that no other appends to it.
func (b *broker) open(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		return err
	}
	content, err := os.ReadFile(path)
	for _, line := range bytes.Split(content, []byte("\n")) {
		var r record
		if json.Unmarshal(line, &r) == nil { // or else a kill or a full disk cut it short, before it was confirmed
			b.apply(&r)
		}
	}
	b.file = file
	return err
}

// commit makes something happen, once it is in the file. A line begins with its line break, and does not end with
// it, so that it stays apart from one that was cut short.
func (b *broker) commit(records ...record) error {
	var lines []byte
	for _, r := range records {
		line, err := json.Marshal(r)
		if err != nil || b.group == "" || r.Topic == "" {
			return cmp.Or(err, fmt.Errorf("no topic %q, or no Init", r.Topic))
		}
		lines = append(append(lines, '\n'), line...)
	}
	if b.file != nil {
		if _, err := b.file.Write(lines); err != nil {
			return err
		}
	}
	for i := range records {
		b.apply(&records[i])
	}
	b.changed.Broadcast()
	return nil
}

func (b *broker) apply(r *record) {
	groups := b.waiting[r.Topic]
	if groups == nil {
		groups = map[string][]*record{"": nil}
		b.waiting[r.Topic] = groups
	}
	switch queue, known := groups[r.Group]; {
	case r.Group == "":
		b.lastID = r.ID
		for group := range groups {
			groups[group] = append(groups[group], r)
		}
	case r.ID != 0:
		groups[r.Group] = slices.DeleteFunc(queue, func(m *record) bool { return m.ID == r.ID })
	case !known:
		groups[r.Group] = groups[""]
		delete(groups, "")
	}
}

func (b *broker) Features() []pubsub.Feature { return []pubsub.Feature{pubsub.FeatureBulkPublish} }

func (b *broker) Publish(ctx context.Context, r *pubsub.PublishRequest) error {
	m := pubsub.BulkMessageEntry{Event: r.Data, ContentType: *r.ContentType, Metadata: r.Metadata}
	_, err := b.BulkPublish(ctx, &pubsub.BulkPublishRequest{Topic: r.Topic, Entries: []pubsub.BulkMessageEntry{m}})
	return err
}

// BulkPublish publishes all entries or none. The SDK drops the error, so a failure has to name each entry.
func (b *broker) BulkPublish(_ context.Context, r *pubsub.BulkPublishRequest) (pubsub.BulkPublishResponse, error) {
	b.changed.L.Lock()
	defer b.changed.L.Unlock()
	records := make([]record, len(r.Entries))
	for i, m := range r.Entries {
		records[i] = record{Topic: r.Topic, ID: b.lastID + uint64(i) + 1, Message: m}
	}
	if err := b.commit(records...); err != nil {
		return pubsub.NewBulkPublishResponse(r.Entries, err), err
	}
	return pubsub.BulkPublishResponse{}, nil
}

// Subscribe returns at once: only then does the SDK read acknowledgements.
func (b *broker) Subscribe(ctx context.Context, r pubsub.SubscribeRequest, handler pubsub.Handler) error {
	b.changed.L.Lock()
	defer b.changed.L.Unlock()
	group := cmp.Or(r.Metadata["consumerID"], b.group)
	err := b.commit(record{Topic: r.Topic, Group: group})
	if err == nil {
		go b.deliver(ctx, r.Topic, group, handler)
	}
	return err
}

// deliver hands out one message after the other, in their order, until the stream ends.
func (b *broker) deliver(ctx context.Context, topic, group string, handler pubsub.Handler) {
	// The SDK panics if it reads an answer just when its handler gives up: so the handler learns of the end late.
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(pause, cancel); b.changed.Broadcast() })
	b.changed.L.Lock()
	defer b.changed.L.Unlock()
	for groups := b.waiting[topic]; ctx.Err() == nil; {
		if len(groups[group]) == 0 {
			b.changed.Wait()
			continue
		}
		r := groups[group][0]
		groups[group] = groups[group][1:]
		b.changed.L.Unlock()
		err := handler(late, &pubsub.NewMessage{Topic: topic, Data: r.Message.Event,
			ContentType: &r.Message.ContentType, Metadata: r.Message.Metadata})
		if err != nil {
			time.Sleep(pause)
		}
		b.changed.L.Lock()
		if err == nil {
			b.commit(record{Topic: topic, Group: group, ID: r.ID}) // if that fails, the message comes again some day
		} else {
			groups[group] = append(groups[group], r)
			b.changed.Broadcast()
		}
	}
}
