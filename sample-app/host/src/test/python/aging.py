"""A component that ends its connections in peace, for the tests of the application.

It keeps values and messages in memory. The options are those of ../go/aging.
"""

import argparse
import collections
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[5] / "proto" / "src" / "main" / "protobuf"))

import grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection  # noqa: E402

PACKAGE = "dapr/proto/components/v1/"
common, _ = grpc.protos_and_services(PACKAGE + "common.proto")
state, state_services = grpc.protos_and_services(PACKAGE + "state.proto")
pubsub, pubsub_services = grpc.protos_and_services(PACKAGE + "pubsub.proto")


def seconds(duration):
    return int(duration[:-2]) / 1000 if duration.endswith("ms") else float(duration[:-1])


parser = argparse.ArgumentParser()
parser.add_argument("-age", type=seconds)
parser.add_argument("-grace", type=seconds)
parser.add_argument("-init", type=seconds, default=0)
parser.add_argument("-go-plugin", action="store_true", dest="go_plugin")
options = parser.parse_args()


class StateStore(state_services.StateStoreServicer):
    def __init__(self):
        self._values = {}

    def Init(self, request, context):
        time.sleep(options.init)
        return state.InitResponse()

    def Features(self, request, context):
        return common.FeaturesResponse()

    def Ping(self, request, context):
        return common.PingResponse()

    def Get(self, request, context):
        return state.GetResponse(data=self._values.get(request.key))

    def Set(self, request, context):
        self._values[request.key] = request.value
        return state.SetResponse()


class PubSub(pubsub_services.PubSubServicer):
    """Gives each message to one stream. A message that was not acknowledged when its stream ends comes again."""

    def __init__(self):
        self._changed = threading.Condition()
        self._waiting = collections.deque()
        self._last = 0

    def Init(self, request, context):
        time.sleep(options.init)
        return pubsub.PubSubInitResponse()

    def Features(self, request, context):
        return common.FeaturesResponse()

    def Ping(self, request, context):
        return common.PingResponse()

    def Publish(self, request, context):
        with self._changed:
            self._last += 1
            self._waiting.append(
                pubsub.PullMessagesResponse(data=request.data, topic_name=request.topic, id=str(self._last))
            )
            self._changed.notify_all()
        return pubsub.PublishResponse()

    def PullMessages(self, requests, context):
        next(requests)
        sent = {}
        ended = threading.Event()

        def end():
            with self._changed:
                ended.set()
                self._waiting.extend(sent.values())
                sent.clear()
                self._changed.notify_all()

        def read():
            try:
                for request in requests:
                    with self._changed:
                        sent.pop(request.ack_message_id, None)
            except grpc.RpcError:
                pass  # the call has been cancelled
            finally:
                end()

        if not context.add_callback(end):
            return
        threading.Thread(target=read, daemon=True).start()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: ended.is_set() or self._waiting)
                if ended.is_set():
                    return
                message = self._waiting.popleft()
                sent[message.id] = message
            yield message


limits = []
if options.age is not None:
    limits.append(("grpc.max_connection_age_ms", int(1000 * options.age)))
if options.grace is not None:
    limits.append(("grpc.max_connection_age_grace_ms", int(1000 * options.grace)))
server = grpc.server(ThreadPoolExecutor(max_workers=32), options=limits)
state_services.add_StateStoreServicer_to_server(StateStore(), server)
pubsub_services.add_PubSubServicer_to_server(PubSub(), server)
names = [
    state.DESCRIPTOR.services_by_name["StateStore"].full_name,
    pubsub.DESCRIPTOR.services_by_name["PubSub"].full_name,
]
reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)
if options.go_plugin:
    socket = Path(os.environ["PLUGIN_UNIX_SOCKET_DIR"], "aging")
else:
    socket = Path(os.environ["DAPR_COMPONENT_SOCKETS_FOLDER"], "aging.sock")
server.add_insecure_port(f"unix:{socket}")
server.start()
if options.go_plugin:
    print(f"1|1|unix|{socket}|grpc|", flush=True)
server.wait_for_termination()
