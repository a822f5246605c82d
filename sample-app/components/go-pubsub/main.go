// Command go-pubsub is a pluggable pub/sub broker that keeps its messages in memory and, if a file is configured, in
// that file. Use it as a starting point: keep the main function and replace the broker, whose log is in log.go.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	dapr "github.com/dapr-sandbox/components-go-sdk"
	sdk "github.com/dapr-sandbox/components-go-sdk/pubsub/v1"
	"github.com/dapr/components-contrib/pubsub"
)

func main() {
	name := flag.String("name", "broker", "component name; the socket file is <name>.sock")
	flag.Parse()
	// The SDK calls the factory once for each x-component-instance value, so every component that a host configures
	// gets its own broker.
	dapr.Register(*name, dapr.WithPubSub(func() sdk.PubSub { return newBroker() }))
	dapr.MustRun()
}

// pause is the delay before a refused message comes again, and the time that the SDK gets to end a stream.
const pause = 100 * time.Millisecond

// broker implements pubsub.PubSub and pubsub.BulkPublisher. The SDK calls it from many goroutines at a time.
type broker struct {
	sdk.PubSub // nil, for the methods that the SDK never calls

	changed *sync.Cond                      // a message waits, or a stream has ended; its lock guards the rest
	waiting map[string]map[string][]*record // messages by topic and group; messages before the first group have the group ""
	lastID  uint64
	group   string   // the consumerID; empty before Init
	file    *os.File // nil: in memory only
}

func newBroker() *broker {
	return &broker{changed: sync.NewCond(&sync.Mutex{}), waiting: map[string]map[string][]*record{}}
}

// Init may come again, for example after a reconnect. It leaves the messages alone then.
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

// Subscribe returns at once, because the SDK reads acknowledgements only after that.
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

// deliver sends the messages in their order, one after the other, until the stream ends.
func (b *broker) deliver(ctx context.Context, topic, group string, handler pubsub.Handler) {
	// The SDK panics if it reads an answer while its handler gives up, so the handler learns of the end late.
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
			b.commit(record{Topic: topic, Group: group, ID: r.ID}) // if this fails, the message comes again
		} else {
			groups[group] = append(groups[group], r)
			b.changed.Broadcast()
		}
	}
}
