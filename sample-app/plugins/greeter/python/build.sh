#!/usr/bin/env bash
# Creates target/ with a virtual environment for requirements.txt and with code generated from the .proto file.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

python3 -m venv target/venv
target/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
mkdir -p target/generated
target/venv/bin/python -m grpc_tools.protoc -I ../proto \
	--python_out=target/generated --grpc_python_out=target/generated sample/greeter/v1/greeter.proto
