"""A pluggable secret store that reads a JSON file.

It is meant as a starting point: keep main() and replace the class SecretStore.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "target" / "generated"))

import grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection  # noqa: E402

from dapr.proto.components.v1 import common_pb2, secretstore_pb2, secretstore_pb2_grpc  # noqa: E402


class SecretStore(secretstore_pb2_grpc.SecretStoreServicer):
    """Answers from the file of a component; the header of each request names the component."""

    def __init__(self):
        self._files = {}  # by component

    def Init(self, request, context):
        """May come again, for example after a reconnect. If the file cannot be read, the former one stays in use."""
        file = request.metadata.properties.get("secretsFile", "")
        if not file:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the metadata secretsFile is missing")
        read_secrets(file, context)
        self._files[component(context)] = file
        return secretstore_pb2.SecretStoreInitResponse()

    def Features(self, request, context):
        return common_pb2.FeaturesResponse(features=["MULTIPLE_KEY_VALUES_PER_SECRET"])

    def Get(self, request, context):
        values = self._secrets(context).get(request.key)
        if values is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no secret {request.key!r}")
        return secretstore_pb2.GetSecretResponse(data=values)

    def BulkGet(self, request, context):
        secrets = self._secrets(context)
        return secretstore_pb2.BulkGetSecretResponse(
            data={name: secretstore_pb2.SecretResponse(secrets=values) for name, values in secrets.items()}
        )

    def Ping(self, request, context):
        return common_pb2.PingResponse()

    def _secrets(self, context):
        file = self._files.get(component(context))
        if file is None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Init has not been called")
        return read_secrets(file, context)


def component(context):
    return dict(context.invocation_metadata()).get("x-component-instance", "")


def read_secrets(file, context):
    """Reads the file, at each request again: secrets by name, each a dict of values."""
    try:
        return parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"secretsFile {file}: {error}")


def parse(text):
    """A secret is a string, or an object of strings. Messages about mistakes contain no secrets."""
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    secrets = {name: value if isinstance(value, dict) else {name: value} for name, value in content.items()}
    for name, values in secrets.items():
        if not all(isinstance(value, str) for value in values.values()):
            raise ValueError(f"the secret {name!r} is neither a string nor an object of strings")
    return secrets


def default_folder():
    """The variables that Dapr's SDKs read, in their order; an empty value counts as none."""
    return (
        os.environ.get("DAPR_COMPONENT_SOCKETS_FOLDER")
        or os.environ.get("DAPR_COMPONENTS_SOCKETS_FOLDER")
        or "/tmp/dapr-components-sockets"
    )


def serve(socket):
    """Starts the server and gives it the socket.

    Listening elsewhere and then taking the right name replaces a stale socket in a single step. Also, gRPC removes at
    the end the name that it began with, which so is not that of a successor.
    """
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    secretstore_pb2_grpc.add_SecretStoreServicer_to_server(SecretStore(), server)
    service = secretstore_pb2.DESCRIPTOR.services_by_name["SecretStore"].full_name
    reflection.enable_server_reflection([service, reflection.SERVICE_NAME], server)
    os.umask(0o077)  # only this user may connect
    with tempfile.TemporaryDirectory(dir=socket.parent, prefix=".new-") as nursery:
        server.add_insecure_port(f"unix:{nursery}/s")
        server.start()
        os.replace(f"{nursery}/s", socket)
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="json-file", help="component name; the socket file is <name>.sock")
    socket = Path(default_folder(), parser.parse_args().name + ".sock")
    if len(os.fsencode(socket)) > 107:
        parser.error(f"no client can reach {socket}: it has more than 107 bytes")
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    server = serve(socket)
    inode = socket.stat().st_ino
    print(f"Listening on {socket}", flush=True)
    end.wait()
    if socket.exists() and socket.stat().st_ino == inode:
        socket.unlink()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    main()
