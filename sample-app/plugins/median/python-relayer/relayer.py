"""The relayer: access to an invented chain that lives in this process. The host's keystore signs."""

import asyncio
import hashlib
import json
import logging

import goplugin
import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from sample.median.v1 import median_pb2, median_pb2_grpc

CALL_SECONDS = 10  # limit of a call to the host

log = logging.getLogger("relayer")


class PluginRelayer(median_pb2_grpc.PluginRelayerServicer):
    """The service on the main connection."""

    def __init__(self, broker):
        self.relayers = goplugin.Objects()  # at most one
        self._broker = broker
        self._contracts = {}  # by id; they outlive relayers, but not the process

    async def NewRelayer(self, request, context):
        """Dials the keystore and serves a relayer, which owns the connection."""
        config = await read_config(request.config, context)
        channel = await self._broker.dial("keystore", request.keystore_id, context)
        try:
            keystore = Keystore(channel)
            await keystore.choose_account(config.get("account"), context)
        except BaseException:
            await channel.close()
            raise
        network = config["network"]
        relayer = Relayer(self._broker, network, keystore, self._contracts)

        def register(server, object):
            median_pb2_grpc.add_RelayerServicer_to_server(relayer, server)
            median_pb2_grpc.add_ServiceServicer_to_server(Service(object), server)

        object = await self._broker.serve(f"relayer {network}", register, relayer.providers, channel)
        await self.relayers.put("", object, context)
        log.info("relayer %s created with the id %d", network, object.id)
        return median_pb2.NewRelayerReply(relayer_id=object.id)


async def read_config(text, context):
    try:
        config = json.loads(text)
        if isinstance(config["network"], str) and config["network"] and isinstance(config.get("account", ""), str):
            return config
    except (ValueError, TypeError, KeyError):
        pass
    await context.abort(
        grpc.StatusCode.INVALID_ARGUMENT, "the configuration must be a JSON object with a 'network'"
    )


class Keystore:
    """The host's keystore, and its account that signs."""

    def __init__(self, channel):
        self._stub = median_pb2_grpc.KeystoreStub(channel)
        self.account = ""

    async def choose_account(self, wanted, context):
        """Finds the account that signs and signs once, so that a fault shows now."""
        try:
            accounts = (await self._stub.Accounts(Empty(), timeout=CALL_SECONDS)).accounts
        except grpc.aio.AioRpcError as error:
            await failed("the keystore's accounts", error, context)
        if not accounts:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the keystore has no account")
        if wanted and wanted not in accounts:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the keystore has no account {wanted!r}")
        self.account = wanted or accounts[0]
        await self.sign(b"to see whether it signs", context)

    async def sign(self, data, context):
        request = median_pb2.SignRequest(account=self.account, data=data)
        try:
            return (await self._stub.Sign(request, timeout=CALL_SECONDS)).signed_data
        except grpc.aio.AioRpcError as error:
            await failed("the keystore's signature", error, context)


async def failed(what, error, context):
    """Keeps the code of the failed call, which tells the host whether something was unavailable."""
    await context.abort(error.code(), f"{what}: {error.details()}")


class Service(median_pb2_grpc.ServiceServicer):
    """The service that every object has."""

    def __init__(self, object):
        self._object = object

    async def Name(self, request, context):
        return median_pb2.NameReply(name=self._object.name)

    async def Close(self, request, context):
        self._object.close()  # without waiting, because closing waits for this call
        return Empty()


class Relayer(median_pb2_grpc.RelayerServicer):
    def __init__(self, broker, network, keystore, contracts):
        self.providers = goplugin.Objects()  # by contract
        self.network = network
        self.keystore = keystore
        self._broker = broker
        self._contracts = contracts

    async def GetChainInfo(self, request, context):
        return median_pb2.ChainInfo(network=self.network, account=self.keystore.account)

    async def NewProvider(self, request, context):
        """Serves the three services of a provider on one connection."""
        id = request.contract_id
        if not id:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "there is no contract_id in the request")
        contract = self._contracts.setdefault(id, Contract())

        def register(server, object):
            provider = Provider(self, id, contract, object)
            median_pb2_grpc.add_OffchainConfigDigesterServicer_to_server(provider, server)
            median_pb2_grpc.add_ContractTransmitterServicer_to_server(provider, server)
            median_pb2_grpc.add_MedianContractServicer_to_server(provider, server)
            median_pb2_grpc.add_ServiceServicer_to_server(Service(object), server)

        object = await self._broker.serve(f"provider {id}", register)
        await self.providers.put(id, object, context)
        log.info("provider %s created with the id %d", id, object.id)
        return median_pb2.NewProviderReply(provider_id=object.id)


class Provider(
    median_pb2_grpc.OffchainConfigDigesterServicer,
    median_pb2_grpc.ContractTransmitterServicer,
    median_pb2_grpc.MedianContractServicer,
):
    def __init__(self, relayer, id, contract, object):
        self._relayer = relayer
        self._id = id
        self._contract = contract
        self._object = object

    async def ConfigDigest(self, request, context):
        """Hashes the parts, each after its length, so that different configurations have different digests."""
        digest = hashlib.sha256()
        for part in (self._relayer.network.encode(), self._id.encode(), request.offchain_config):
            digest.update(len(part).to_bytes(8, "big") + part)
        digest.update(request.f.to_bytes(4, "big"))
        return median_pb2.ConfigDigestReply(config_digest=digest.digest())

    async def Transmit(self, request, context):
        try:
            report = median_pb2.Report.FromString(request.report)
            if not report.HasField("timestamp"):
                raise DecodeError
        except DecodeError:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, "the report cannot be read, or has no timestamp"
            )
        signature = await self._relayer.keystore.sign(request.report, context)
        transmission = median_pb2.Transmission(
            report=request.report, account=self._relayer.keystore.account, signature=signature
        )
        refusal = self._contract.write(report.timestamp, transmission)
        if refusal:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, refusal)
        return Empty()

    async def LatestTransmission(self, request, context):
        return median_pb2.LatestTransmissionReply(transmission=self._contract.latest)

    async def WatchTransmissions(self, request, context):
        """Ends when the caller or the provider ends."""
        while not self._object.ending.done():
            changed = self._contract.changed
            if self._contract.latest:
                yield self._contract.latest
            await asyncio.wait({changed, self._object.ending}, return_when=asyncio.FIRST_COMPLETED)
        await context.abort(grpc.StatusCode.UNAVAILABLE, "the provider has been closed")


class Contract:
    """Keeps the latest transmission."""

    def __init__(self):
        self.latest = None
        self.changed = asyncio.get_running_loop().create_future()  # done when there is a later one
        self._timestamp = None

    def write(self, timestamp, transmission):
        """Accepts a later transmission, and the same one again. A new configuration starts from the beginning.

        Returns: why it was refused, or None
        """
        latest = self._timestamp
        if latest and timestamp.config_digest == latest.config_digest:
            if transmission.report == self.latest.report:
                return None
            if (timestamp.epoch, timestamp.round) <= (latest.epoch, latest.round):
                return (
                    f"epoch {timestamp.epoch}, round {timestamp.round} is not later than "
                    f"epoch {latest.epoch}, round {latest.round}"
                )
        self._timestamp, self.latest = timestamp, transmission
        self.changed.set_result(None)
        self.changed = asyncio.get_running_loop().create_future()
        return None
