"""Greets people: the service of greeter.proto on a Unix domain socket."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "target" / "generated"))

import grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection  # noqa: E402

from sample.greeter.v1 import greeter_pb2, greeter_pb2_grpc  # noqa: E402

GREETINGS = ["Hello", "Bonjour", "Hallo", "Hola"]


class Greeter(greeter_pb2_grpc.GreeterServicer):
    def Greet(self, request, context):
        return greeting(GREETINGS[0], request.name, context)

    def GreetInAll(self, request, context):
        for word in GREETINGS:
            yield greeting(word, request.name, context)


def greeting(word, name, context):
    if not name:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the name is empty")
    return greeter_pb2.GreetReply(greeting=f"{word}, {name}!")


def main():
    # The application passes the path. A program that somebody else starts serves in the default folder.
    socket = os.environ.get("PLUGGABLE_SOCKET_PATH", "/tmp/dapr-components-sockets/greeter.sock")
    os.umask(0o077)  # only this user may connect
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    greeter_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    # Reflection tells which services there are.
    service = greeter_pb2.DESCRIPTOR.services_by_name["Greeter"].full_name
    reflection.enable_server_reflection([service, reflection.SERVICE_NAME], server)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    end.wait()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    main()
