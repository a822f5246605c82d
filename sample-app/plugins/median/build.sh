#!/usr/bin/env bash
# Builds target/go-relayer, target/go-median and python-relayer/target, and generates code from the .proto file. Needs
# Go, and Python with venv. The environment variable PROTOC replaces the protoc of the Python packages.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

python-relayer/build.sh
mkdir -p target/tools
go build -mod=readonly -o target/tools/ \
	google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/grpc/cmd/protoc-gen-go-grpc
PATH=$PWD/target/tools:$PATH ${PROTOC:-python-relayer/target/venv/bin/python -m grpc_tools.protoc} -I proto \
	--go_out=. --go_opt=module=median --go-grpc_out=. --go-grpc_opt=module=median sample/median/v1/median.proto
go build -mod=readonly -o target/ ./go-relayer ./go-median
