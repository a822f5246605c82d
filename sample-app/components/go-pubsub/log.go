package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"syscall"

	"github.com/dapr/components-contrib/pubsub"
)

// record is an event of a broker, and a line of its file. Without Group, a message was published; without ID, a group
// subscribed to a topic; with both, a group acknowledged a message.
type record struct {
	Topic   string
	Group   string                  `json:",omitempty"`
	ID      uint64                  `json:",omitempty"`
	Message pubsub.BulkMessageEntry `json:",omitempty"`
}

// open replays the file. The process keeps the file locked, so that no other process appends to it.
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
		if json.Unmarshal(line, &r) == nil { // otherwise a kill or a full disk cut the line short, before it was confirmed
			b.apply(&r)
		}
	}
	b.file = file
	return err
}

// commit writes an event to the file and then applies it. A line begins with a line break instead of ending with one,
// so that it stays apart from a line that was cut short.
func (b *broker) commit(records ...record) error {
	var lines []byte
	for _, r := range records {
		if b.group == "" || r.Topic == "" {
			return fmt.Errorf("no topic %q, or no Init", r.Topic)
		}
		line, _ := json.Marshal(r) // cannot fail for these types
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
