"""A relayer plugin for hosts of HashiCorp's go-plugin, without a library for it.

It is meant as a starting point: keep this file and goplugin.py, and replace what is in relayer.py.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "target" / "generated"))

import goplugin  # noqa: E402
import relayer  # noqa: E402
from sample.median.v1 import median_pb2_grpc  # noqa: E402


def register(server, broker):
    """Adds the service on the main connection."""
    plugin = relayer.PluginRelayer(broker)
    median_pb2_grpc.add_PluginRelayerServicer_to_server(plugin, server)
    return plugin.relayers


if __name__ == "__main__":
    goplugin.check_cookie("SAMPLE_RELAYER_COOKIE", "median-sample-relayer")
    asyncio.run(goplugin.serve(1, register))
