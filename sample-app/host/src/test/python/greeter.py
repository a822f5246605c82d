"""Serves the greeter of the tests on the socket of the first argument.

The second argument is the folder of its .proto, and the third one the longest age of a connection in milliseconds.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, sys.argv[2])

import grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection  # noqa: E402

protos, services = grpc.protos_and_services("greeter.proto")


class Greeter(services.GreeterServicer):
    def Greet(self, request, context):
        if request.name == "nobody":
            context.abort(grpc.StatusCode.NOT_FOUND, "There is nobody to greet")
        return protos.GreetResponse(greeting=f"Hello, {request.name}")

    def GreetOften(self, request, context):
        for time in range(request.times):
            yield protos.GreetResponse(greeting=f"Hello, {request.name} {time}")

    def GreetAll(self, requests, context):
        return protos.GreetResponse(greeting="Hello, " + " and ".join(request.name for request in requests))

    def GreetEach(self, requests, context):
        for request in requests:
            yield protos.GreetResponse(greeting=f"Hello, {request.name}")


age = [("grpc.max_connection_age_ms", int(sys.argv[3]))] if len(sys.argv) > 3 else []
server = grpc.server(ThreadPoolExecutor(max_workers=32), options=age)
services.add_GreeterServicer_to_server(Greeter(), server)
name = protos.DESCRIPTOR.services_by_name["Greeter"].full_name
reflection.enable_server_reflection((name, reflection.SERVICE_NAME), server)
server.add_insecure_port(f"unix:{sys.argv[1]}")
server.start()
server.wait_for_termination()
