package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dapr/components-contrib/bindings"
	"github.com/dapr/components-contrib/metadata"
)

var _ bindings.OutputBinding = (*mailbox)(nil)

func newTestMailbox(t *testing.T, folder string) *mailbox {
	t.Helper()
	m := &mailbox{}
	noError(t, initialize(m, folder))
	return m
}

func initialize(m *mailbox, folder string) error {
	properties := map[string]string{"folder": folder}
	return m.Init(context.Background(), bindings.Metadata{Base: metadata.Base{Properties: properties}})
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func invoke(m *mailbox, operation bindings.OperationKind, id, data string) (*bindings.InvokeResponse, error) {
	return m.Invoke(context.Background(), &bindings.InvokeRequest{
		Operation: operation, Data: []byte(data), Metadata: map[string]string{"id": id, "k": "v"}})
}

func create(t *testing.T, m *mailbox, data string) string {
	t.Helper()
	response, err := invoke(m, "create", "", data)
	noError(t, err)
	if id := response.Metadata["id"]; id == "" || id != string(response.Data) {
		t.Fatalf("unexpected response %+v", response)
	}
	return response.Metadata["id"]
}

// wantState waits for the state, because the host gets its answer before the state changes.
func wantState(t *testing.T, m *mailbox, id, state, answer string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		response, err := invoke(m, "get", id, "")
		noError(t, err)
		if response.Metadata["state"] == state && response.Metadata["answer"] == answer {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %v, want state %q, answer %q", response.Metadata, state, answer)
		}
	}
}

// read opens a stream. The channel gets the items; the function gives the answers, or none if it is nil.
func read(t *testing.T, m *mailbox, answer func(string) (string, error)) (<-chan string, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	got := make(chan string, 10)
	noError(t, m.Read(ctx, func(ctx context.Context, r *bindings.ReadResponse) ([]byte, error) {
		got <- string(r.Data)
		if r.Metadata["id"] == "" || r.Metadata["k"] != "v" {
			t.Errorf("unexpected metadata %v", r.Metadata)
		}
		if answer == nil {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		text, err := answer(string(r.Data))
		return []byte(text), err
	}))
	return got, cancel
}

func want(t *testing.T, got <-chan string, text string) {
	t.Helper()
	select {
	case item := <-got:
		if item != text {
			t.Fatalf("got %q, want %q", item, text)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("nothing came, want %q", text)
	}
}

func echo(data string) (string, error) { return "re: " + data, nil }

func TestOperations(t *testing.T) {
	m := newTestMailbox(t, filepath.Join(t.TempDir(), "new"))
	first, second := create(t, m, "1"), create(t, m, "2")
	response, err := invoke(m, "list", "", "")
	noError(t, err)
	var ids []string
	noError(t, json.Unmarshal(response.Data, &ids))
	if !reflect.DeepEqual(ids, []string{first, second}) {
		t.Errorf("listed %v, want %v and %v", ids, first, second)
	}

	response, err = invoke(m, "get", first, "")
	noError(t, err)
	if string(response.Data) != "1" {
		t.Errorf("got %q", response.Data)
	}
	wantState(t, m, first, "waiting", "")

	_, err = invoke(m, "delete", first, "")
	noError(t, err)
	for _, operation := range []bindings.OperationKind{"get", "delete"} {
		for _, id := range []string{first, "", "..", "../" + second + "/x"} {
			if _, err = invoke(m, operation, id, ""); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s %q: got error %v", operation, id, err)
			}
		}
	}
	if _, err = invoke(m, "rename", second, ""); err == nil {
		t.Error("an unknown operation should be refused")
	}
	for _, operation := range m.Operations() {
		if operation == "rename" {
			t.Error("an unknown operation is listed")
		}
	}
}

func TestAnswerIsKept(t *testing.T) {
	m := newTestMailbox(t, t.TempDir())
	first := create(t, m, "1")
	got, _ := read(t, newTestMailbox(t, m.folder), echo)
	want(t, got, "1")
	second := create(t, m, "2")
	want(t, got, "2")
	wantState(t, m, first, "answered", "re: 1")
	wantState(t, m, second, "answered", "re: 2")

	third := create(t, m, "3")
	other, _ := read(t, newTestMailbox(t, m.folder), echo)
	select {
	case item := <-got:
		if item != "3" {
			t.Errorf("got %q once more", item)
		}
	case item := <-other:
		if item != "3" {
			t.Errorf("got %q once more", item)
		}
	}
	wantState(t, m, third, "answered", "re: 3")
}

func TestFailedItemIsReadOnTheNextStream(t *testing.T) {
	m := newTestMailbox(t, t.TempDir())
	id := create(t, m, "1")
	got, end := read(t, m, func(string) (string, error) { return "", errors.New("not now") })
	want(t, got, "1")
	wantState(t, m, id, "failed", "not now")
	other := create(t, m, "2")
	want(t, got, "2") // and not "1" again
	wantState(t, m, other, "failed", "not now")
	end()

	got, _ = read(t, m, echo)
	if one, two := <-got, <-got; one == two {
		t.Errorf("%q came twice", one)
	}
	wantState(t, m, id, "answered", "re: 1")
	wantState(t, m, other, "answered", "re: 2")
}

func TestUnansweredItemIsReadOnTheNextStream(t *testing.T) {
	m := newTestMailbox(t, t.TempDir())
	id := create(t, m, "1")
	got, end := read(t, m, nil)
	want(t, got, "1")
	other, _ := read(t, m, echo) // gets no item that the first stream has
	end()
	want(t, other, "1")
	wantState(t, m, id, "answered", "re: 1")
}

func TestItemThatIsDeletedStaysAway(t *testing.T) {
	m := newTestMailbox(t, t.TempDir())
	id := create(t, m, "1")
	deleted := make(chan bool)
	got, _ := read(t, m, func(string) (string, error) { <-deleted; return "", nil })
	want(t, got, "1")
	_, err := invoke(m, "delete", id, "")
	noError(t, err)
	close(deleted)
	other := create(t, m, "2")
	want(t, got, "2")
	wantState(t, m, other, "answered", "")
	if ids := m.ids(); len(ids) != 1 {
		t.Errorf("there are %v", ids)
	}
}

func TestInit(t *testing.T) {
	m := &mailbox{}
	if _, err := invoke(m, "create", "", "1"); err == nil {
		t.Error("create before Init should be refused")
	}
	if err := m.Read(context.Background(), nil); err == nil {
		t.Error("Read before Init should be refused")
	}
	file := filepath.Join(t.TempDir(), "file")
	noError(t, os.WriteFile(file, nil, 0o600))
	for _, folder := range []string{"", file} {
		if err := initialize(m, folder); err == nil {
			t.Errorf("folder=%q should be refused", folder)
		}
	}
}
