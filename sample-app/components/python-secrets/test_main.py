import json
import tempfile
import unittest
from pathlib import Path

import grpc

import main
from dapr.proto.components.v1 import common_pb2, secretstore_pb2, secretstore_pb2_grpc


class SecretStoreTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name, "secrets.json")
        self.socket = Path(folder.name, "test.sock")
        self.socket.touch()  # replaced by the server
        server = main.serve(self.socket)
        self.addCleanup(lambda: server.stop(None).wait())
        channel = grpc.insecure_channel(f"unix:{self.socket}", [("grpc.default_authority", "localhost")])
        self.addCleanup(channel.close)
        self.store = secretstore_pb2_grpc.SecretStoreStub(channel)

    def init(self, content, component="one"):
        self.file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        self.init_with({"secretsFile": str(self.file)}, component)

    def init_with(self, properties, component="one"):
        metadata = common_pb2.MetadataRequest(properties=properties)
        self.store.Init(secretstore_pb2.SecretStoreInitRequest(metadata=metadata), metadata=header(component))

    def get(self, key, component="one"):
        request = secretstore_pb2.GetSecretRequest(key=key)
        return dict(self.store.Get(request, metadata=header(component)).data)

    def assert_refused(self, code, text, call, *arguments):
        with self.assertRaises(grpc.RpcError) as refused:
            call(*arguments)
        self.assertEqual(refused.exception.code(), code)
        self.assertIn(text, refused.exception.details())

    def test_get(self):
        self.init({"token": "abc", "database": {"user": "u", "password": "p"}, "": "x"})
        self.assertEqual(self.get("token"), {"token": "abc"})
        self.assertEqual(self.get("database"), {"user": "u", "password": "p"})
        self.assertEqual(self.get(""), {"": "x"})
        self.assert_refused(grpc.StatusCode.NOT_FOUND, "'none'", self.get, "none")

    def test_bulk_get(self):
        self.init({"token": "abc", "database": {"user": "u", "password": "p"}, "empty": {}})
        response = self.store.BulkGet(secretstore_pb2.BulkGetSecretRequest(), metadata=header("one"))
        self.assertEqual(
            {name: dict(secret.secrets) for name, secret in response.data.items()},
            {"token": {"token": "abc"}, "database": {"user": "u", "password": "p"}, "empty": {}},
        )

    def test_features_and_ping(self):
        features = self.store.Features(common_pb2.FeaturesRequest()).features
        self.assertEqual(list(features), ["MULTIPLE_KEY_VALUES_PER_SECRET"])
        self.store.Ping(common_pb2.PingRequest())

    def test_file_may_change(self):
        self.init({"token": "old"})
        self.file.write_text('{"token": "new"}', encoding="utf-8")
        self.assertEqual(self.get("token"), {"token": "new"})
        self.file.unlink()
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "No such file", self.get, "token")

    def test_components_are_apart(self):
        self.init({"token": "abc"})
        self.assert_refused(grpc.StatusCode.FAILED_PRECONDITION, "Init", self.get, "token", "two")

    def test_bad_files(self):
        self.init({"token": "abc"})
        for properties in ({}, {"secretsFile": ""}):
            self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "missing", self.init_with, properties)
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "directory", self.init_with, {"secretsFile": "/"})
        for content in ("", "[]", "{", '{"a": "hidden"', '{"a": 1}', '{"a": {"b": ["hidden"]}}', '{"a": null}'):
            with self.assertRaises(grpc.RpcError) as refused:
                self.init(content)
            self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertNotIn("hidden", refused.exception.details())

    def test_socket_is_private(self):
        self.assertEqual(self.socket.stat().st_mode & 0o077, 0)
        self.assertEqual([path.name for path in self.socket.parent.iterdir()], ["test.sock"])


def header(component):
    return [("x-component-instance", component)]


if __name__ == "__main__":
    unittest.main()
