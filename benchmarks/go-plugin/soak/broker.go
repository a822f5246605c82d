package main

import (
	"context"
	"time"

	components "github.com/dapr/dapr/pkg/proto/components/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// inFlight is the largest number of messages that a stream holds without an acknowledgement.
	inFlight = 16
	// pause is the delay before a refused message comes again.
	pause = 50 * time.Millisecond
)

// broker is the pub/sub. A topic has one group of consumers: each message goes to one stream.
type broker struct {
	components.UnimplementedPubSubServer
	records *records
}

func (b *broker) Init(context.Context, *components.PubSubInitRequest) (*components.PubSubInitResponse, error) {
	return &components.PubSubInitResponse{}, nil
}

func (b *broker) Features(context.Context, *components.FeaturesRequest) (*components.FeaturesResponse, error) {
	return &components.FeaturesResponse{}, nil
}

func (b *broker) Ping(context.Context, *components.PingRequest) (*components.PingResponse, error) {
	return &components.PingResponse{}, nil
}

func (b *broker) Publish(_ context.Context, r *components.PublishRequest) (*components.PublishResponse, error) {
	return &components.PublishResponse{}, b.records.publish(r.Topic, r.Data)
}

func (b *broker) PullMessages(stream components.PubSub_PullMessagesServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	topic := first.GetTopic().GetName()
	if topic == "" {
		return status.Error(codes.InvalidArgument, "the first request must name the topic")
	}
	consumer := b.records.consume(topic)
	defer consumer.close()
	context.AfterFunc(stream.Context(), consumer.close)
	go func() {
		for {
			answer, err := stream.Recv()
			if err != nil {
				consumer.close()
				return
			}
			refused := answer.AckError != nil
			if refused || consumer.acknowledge(answer.AckMessageId) != nil {
				time.AfterFunc(pause, func() { consumer.giveBack(answer.AckMessageId) })
			}
		}
	}()
	for {
		m := consumer.next()
		if m == nil {
			return stream.Context().Err()
		}
		err := stream.Send(&components.PullMessagesResponse{Id: m.id, TopicName: topic, Data: m.data})
		if err != nil {
			return err
		}
	}
}
