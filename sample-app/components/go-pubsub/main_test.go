package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/dapr-sandbox/components-go-sdk/pubsub/v1"
	"github.com/dapr/components-contrib/metadata"
	"github.com/dapr/components-contrib/pubsub"
)

// The SDK finds BulkPublish by a type assertion, so the compiler would not notice a wrong signature.
var _ sdk.BulkPublisher = (*broker)(nil)

func newTestBroker(t *testing.T, properties map[string]string) *broker {
	t.Helper()
	b := newBroker()
	noError(t, initialize(b, properties))
	return b
}

func initialize(b *broker, properties map[string]string) error {
	return b.Init(context.Background(), pubsub.Metadata{Base: metadata.Base{Properties: properties}})
}

// restart has the effect of a kill: the lock ends with the process, and nothing else happens.
func restart(t *testing.T, b *broker) *broker {
	t.Helper()
	path := b.file.Name()
	noError(t, b.file.Close())
	return newTestBroker(t, map[string]string{"file": path})
}

func publish(t *testing.T, b *broker, texts ...string) {
	t.Helper()
	contentType := "text/plain"
	for _, text := range texts {
		noError(t, b.Publish(context.Background(), &pubsub.PublishRequest{
			Topic: "t", Data: []byte(text), Metadata: map[string]string{"k": "v"}, ContentType: &contentType}))
	}
}

// consumer is one stream. It gives each message to the test, and the test answers.
type consumer struct {
	got    chan string
	answer chan error
	end    context.CancelFunc
}

func subscribe(t *testing.T, b *broker, group string) *consumer {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	c := &consumer{make(chan string), make(chan error), cancel}
	request := pubsub.SubscribeRequest{Topic: "t", Metadata: map[string]string{"consumerID": group}}
	noError(t, b.Subscribe(ctx, request, func(ctx context.Context, m *pubsub.NewMessage) error {
		if m.Topic != "t" || *m.ContentType != "text/plain" || m.Metadata["k"] != "v" {
			t.Errorf("unexpected message %v", m)
		}
		select {
		case c.got <- string(m.Data):
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case err := <-c.answer:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}))
	return c
}

func (c *consumer) want(t *testing.T, text string) {
	t.Helper()
	select {
	case got := <-c.got:
		if got != text {
			t.Fatalf("got %q, want %q", got, text)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("nothing came, want %q", text)
	}
}

func (c *consumer) wantAll(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		c.want(t, text)
		c.answer <- nil
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func TestEachGroupGetsEachMessageOnce(t *testing.T) {
	b := newTestBroker(t, nil)
	publish(t, b, "1", "2")
	one := subscribe(t, b, "one") // the first group gets the messages that were there before
	two := subscribe(t, b, "two")
	publish(t, b, "3")
	one.wantAll(t, "1", "2", "3")
	two.wantAll(t, "3")

	other := subscribe(t, b, "one") // shares the group's messages
	publish(t, b, "4", "5")
	got := map[string]bool{}
	for range 2 {
		select {
		case text := <-one.got:
			got[text] = true
			one.answer <- nil
		case text := <-other.got:
			got[text] = true
			other.answer <- nil
		}
	}
	if !got["4"] || !got["5"] {
		t.Errorf("got %v", got)
	}
	two.wantAll(t, "4", "5")
}

func TestRefusedMessageComesAgain(t *testing.T) {
	b := newTestBroker(t, nil)
	c := subscribe(t, b, "")
	publish(t, b, "1", "2")
	c.want(t, "1")
	c.answer <- errors.New("not now")
	c.wantAll(t, "2", "1")
}

func TestUnansweredMessageComesAgainOnTheNextStream(t *testing.T) {
	b := newTestBroker(t, nil)
	c := subscribe(t, b, "")
	publish(t, b, "1")
	c.want(t, "1")
	c.end()
	subscribe(t, b, "").wantAll(t, "1")
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	b := newTestBroker(t, map[string]string{"file": path})
	publish(t, b, "1")
	b = restart(t, b)
	c := subscribe(t, b, "one")
	subscribe(t, b, "two")
	publish(t, b, "2", "3")
	c.wantAll(t, "1", "2")
	c.want(t, "3") // without an answer; its arrival shows that "2" has been settled
	publish(t, b, "4")

	b = restart(t, b)
	subscribe(t, b, "one").wantAll(t, "3", "4")
	subscribe(t, b, "two").wantAll(t, "2", "3", "4")
	info, err := os.Stat(path)
	noError(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("mode of the file: %v", info.Mode())
	}
}

func TestLineThatWasCutShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	b := newTestBroker(t, map[string]string{"file": path})
	publish(t, b, "1")
	_, err := b.file.WriteString("\n{\"Topic\":\"t\",\"ID\":2,\"Mess")
	noError(t, err)
	b = restart(t, b)
	publish(t, b, "2")
	b = restart(t, b)
	subscribe(t, b, "").wantAll(t, "1", "2")
}

func TestBulkPublish(t *testing.T) {
	b := newTestBroker(t, nil)
	c := subscribe(t, b, "")
	entry := func(id string) pubsub.BulkMessageEntry {
		return pubsub.BulkMessageEntry{
			EntryId: id, Event: []byte(id), ContentType: "text/plain", Metadata: map[string]string{"k": "v"}}
	}
	request := pubsub.BulkPublishRequest{Topic: "t", Entries: []pubsub.BulkMessageEntry{entry("a"), entry("b")}}
	response, err := b.BulkPublish(context.Background(), &request)
	noError(t, err)
	if len(response.FailedEntries) != 0 {
		t.Errorf("failed: %v", response.FailedEntries)
	}
	c.wantAll(t, "a", "b")

	request.Topic = ""
	response, err = b.BulkPublish(context.Background(), &request)
	if err == nil || len(response.FailedEntries) != 2 || response.FailedEntries[1].EntryId != "b" {
		t.Errorf("got %v, %v, want both entries to fail", response, err)
	}
}

func TestInit(t *testing.T) {
	empty := ""
	request := &pubsub.PublishRequest{Topic: "t", ContentType: &empty}
	if err := newBroker().Publish(context.Background(), request); err == nil {
		t.Error("before Init nothing can be published")
	}
	path := filepath.Join(t.TempDir(), "log")
	b := newTestBroker(t, map[string]string{"file": path, "consumerID": "one"})
	noError(t, b.Publish(context.Background(), request))
	noError(t, initialize(b, map[string]string{"file": path}))
	if len(b.waiting["t"][""]) != 1 || b.group != "default" {
		t.Error("Init must apply the settings and leave the messages alone")
	}
	for path, reason := range map[string]string{path: "unavailable", t.TempDir(): "directory", path + "/x": "not a dir"} {
		if err := initialize(newBroker(), map[string]string{"file": path}); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("file %s: got %v, want %q", path, err, reason)
		}
	}
	if err := b.Subscribe(context.Background(), pubsub.SubscribeRequest{}, nil); err == nil {
		t.Error("a subscription without a topic should be refused")
	}
}
