"""The plugin's side of HashiCorp's go-plugin, for plugins that are not written in Go.

The handshake on stdout, AutoMTLS, the broker, the controller, and health are here; serve() has them all. Left out are
multiplexing, and the service GRPCStdio: hosts do without.
"""

import asyncio
import base64
import datetime
import itertools
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import grpc
import plugin_pb2
import plugin_pb2_grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

CORE_PROTOCOL = 1
ANNOUNCEMENT_SECONDS = 5  # go-plugin's limit for dialling an announced id, and for waiting for an announcement
GRACE_SECONDS = 5  # time for calls under way when their server is closed
LONGEST_PATH = 107  # longest path of a socket, in bytes


class Tls:
    """AutoMTLS: each side has a certificate for the life of this process, and trusts only the other side's."""

    def __init__(self, host_certificate):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self_signed(key)
        self.field = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode().rstrip("=")
        key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        trusted = host_certificate.encode()
        self.server = grpc.ssl_server_credentials([(key_pem, pem)], trusted, require_client_auth=True)
        self.client = grpc.ssl_channel_credentials(trusted, key_pem, pem)


def self_signed(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    usages = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usages += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    used = {"digital_signature", "key_agreement", "key_cert_sign"}
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{usage: usage in used for usage in usages}), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )


class Sockets:
    """A folder for the sockets of this process, which other users cannot read."""

    def __init__(self, tls):
        self._tls = tls
        self._numbers = itertools.count()
        self.folder = tempfile.mkdtemp(prefix="plugin", dir=os.environ.get("PLUGIN_UNIX_SOCKET_DIR") or None)
        if len(os.fsencode(self.folder)) + len("/12345678") > LONGEST_PATH:
            os.rmdir(self.folder)
            sys.exit(f"no host can reach sockets in {self.folder}: their paths would have over {LONGEST_PATH} bytes")

    def listen(self, server):
        """Gives a new socket to a server, removes it with the server, and returns its path."""
        path = f"{self.folder}/{next(self._numbers)}"
        if self._tls:
            server.add_secure_port(f"unix:{path}", self._tls.server)
        else:
            server.add_insecure_port(f"unix:{path}")
        return path

    def connect(self, network, address):
        target = f"unix:{address}" if network == "unix" else address
        options = [("grpc.default_authority", "localhost")]
        if self._tls:
            options.append(("grpc.ssl_target_name_override", "localhost"))
            return grpc.aio.secure_channel(target, self._tls.client, options)
        return grpc.aio.insecure_channel(target, options)


class Object:
    """An object that the plugin created for its host: services on their own connection.

    It owns what it is given, which needs a close(), and closes it in this order after its server.
    """

    def __init__(self, id, name, server, owned):
        self.id = id  # the id that the host dials
        self.name = name
        self.ending = asyncio.get_running_loop().create_future()  # done when closing begins; streams should then end
        self._server = server
        self._owned = owned
        self._closing = None

    def close(self):
        """Refuses new calls, gives calls under way some time, and closes what the object owns; can be awaited."""
        if not self._closing:
            self.ending.set_result(None)
            self._closing = asyncio.ensure_future(self._close())
        return self._closing

    async def _close(self):
        await self._server.stop(GRACE_SECONDS)
        for owned in self._owned:
            await owned.close()


class Objects:
    """The open objects of one kind, by key."""

    def __init__(self):
        self._by_key = {}
        self._open = set()  # includes objects that were replaced and are still closing
        self._closed = False

    async def put(self, key, object, context):
        """Takes an object and closes the former one of its key: the host creates an object again if it lost it."""
        if self._closed:
            object.close()
            await context.abort(
                grpc.StatusCode.UNAVAILABLE,
                f"{object.name} was closed at once, because what created it has been closed",
            )
        former = self._by_key.get(key)
        self._by_key[key] = object
        self._open.add(object)
        object.ending.add_done_callback(
            lambda _: object.close().add_done_callback(lambda _: self._remove(key, object))
        )
        if former:
            former.close()

    def _remove(self, key, object):
        self._open.discard(object)
        if self._by_key.get(key) is object:
            del self._by_key[key]

    async def close(self):
        """Closes all objects, and all that are put later."""
        self._closed = True
        await asyncio.gather(*(object.close() for object in self._open))


class Broker(plugin_pb2_grpc.GRPCBrokerServicer):
    """Serves and dials by id. The serving side announces its socket on the stream that the host opens."""

    def __init__(self, sockets):
        self._sockets = sockets
        self._ids = itertools.count(1)
        self._announcements = {}  # futures of the host's announcements, by id
        self._to_announce = asyncio.Queue(maxsize=16)

    async def StartStream(self, requests, context):
        both = [asyncio.ensure_future(self._read(requests)), asyncio.ensure_future(self._write(context))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in both:
                half.cancel()

    async def _read(self, requests):
        async for announcement in requests:
            id = announcement.service_id
            future = self._announcement(id)
            if not future.done():
                future.set_result(announcement)
                asyncio.get_running_loop().call_later(ANNOUNCEMENT_SECONDS, self._forget, id, future)

    async def _write(self, context):
        while True:
            await context.write(await self._to_announce.get())

    def _announcement(self, id):
        """The announcement may come before the call that has the id, or after it."""
        if id not in self._announcements:
            self._announcements[id] = asyncio.get_running_loop().create_future()
        return self._announcements[id]

    def _forget(self, id, future):
        if self._announcements.get(id) is future:
            del self._announcements[id]

    async def dial(self, what, id, context):
        """Connects to the services of the host under an id. The caller closes the connection."""
        if not id:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"there is no id of the {what} in the request")
        future = self._announcement(id)
        try:
            announcement = await asyncio.wait_for(asyncio.shield(future), ANNOUNCEMENT_SECONDS)
        except asyncio.TimeoutError:
            await context.abort(
                grpc.StatusCode.FAILED_PRECONDITION, f"the {what} has not been announced with the id {id}"
            )
        finally:
            self._forget(id, future)
        return self._sockets.connect(announcement.network, announcement.address)

    async def serve(self, name, register, *owned):
        """Creates an object with the services that register(server, object) adds."""
        server = grpc.aio.server()
        object = Object(next(self._ids), name, server, owned)
        try:
            register(server, object)
            path = self._sockets.listen(server)
            await server.start()
            await self._to_announce.put(
                plugin_pb2.ConnInfo(service_id=object.id, network="unix", address=path)
            )
        except BaseException:
            object.close()
            raise
        return object


class Controller(plugin_pb2_grpc.GRPCControllerServicer):
    def __init__(self, end):
        self._end = end

    async def Shutdown(self, request, context):
        self._end.set()
        return plugin_pb2.Empty()


class LogFormat(logging.Formatter):
    """A line of JSON for each event, from which the host makes an event of its own log."""

    LEVELS = {"WARNING": "warn", "CRITICAL": "error"}

    def format(self, record):
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        return json.dumps(
            {
                "@level": self.LEVELS.get(record.levelname, record.levelname.lower()),
                "@message": message,
                "@module": record.name,
                "@timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds"),
            }
        )


def check_cookie(key, value):
    """The cookie is no secret: it keeps people from starting the plugin by hand."""
    if os.environ.get(key) != value:
        sys.exit(f"{Path(sys.argv[0]).name} is a plugin: it is started by an application, which sets {key}.")


async def serve(version, register):
    """Serves until the host ends the plugin.

    Args:
        version: the version of the application's protocol
        register: called with the server and the broker, to add services; returns what is to be closed at the end
    """
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormat())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    os.umask(0o077)  # only this user may connect
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C is for the host, which ends its plugins then

    host_certificate = os.environ.get("PLUGIN_CLIENT_CERT")
    tls = Tls(host_certificate) if host_certificate else None
    sockets = Sockets(tls)
    try:
        server = grpc.aio.server()
        broker = Broker(sockets)
        plugin_pb2_grpc.add_GRPCBrokerServicer_to_server(broker, server)
        plugin_pb2_grpc.add_GRPCControllerServicer_to_server(Controller(end), server)
        state = health.aio.HealthServicer()
        await state.set("plugin", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(state, server)
        created = register(server, broker)
        path = sockets.listen(server)
        await server.start()
        print(f"{CORE_PROTOCOL}|{version}|unix|{path}|grpc|{tls.field if tls else ''}", flush=True)
        await end.wait()
        await created.close()
        await server.stop(grace=1)
    finally:
        shutil.rmtree(sockets.folder, ignore_errors=True)
