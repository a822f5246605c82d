// A pluggable state store that keeps its data in memory. Use it as a starting point: keep this file, which speaks
// the protocol, and replace store.js.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import protobuf from 'protobufjs';
import { Store } from './store.js';

const { env } = process;
const [name = 'node'] = process.argv.slice(2);
const protos = env.PROTOS ?? fileURLToPath(new URL('../../../proto/src/main/protobuf', import.meta.url));
const folder =
  env.DAPR_COMPONENT_SOCKETS_FOLDER ?? env.DAPR_COMPONENTS_SOCKETS_FOLDER ?? '/tmp/dapr-components-sockets';

// The fields of a status and its details that this program needs.
const { root } = protobuf.parse(
  `syntax = "proto3"; package google.rpc;
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message BadRequest { repeated FieldViolation field_violations = 1; }
  message FieldViolation { string field = 1; string description = 2; }`,
  { keepCase: true },
);

function encode(type, message) {
  return Buffer.from(root.lookupType(type).encode(message).finish());
}

function failure({ code = grpc.status.INTERNAL, message, field }) {
  const metadata = new grpc.Metadata();
  if (field) {
    const value = encode('google.rpc.BadRequest', { field_violations: [{ field, description: message }] });
    const details = [{ type_url: 'type.googleapis.com/google.rpc.BadRequest', value }];
    metadata.set('grpc-status-details-bin', encode('google.rpc.Status', { code, message, details }));
  }
  return { code, details: message, metadata };
}

// Every component that a host configures gets its own store.
const stores = new Map();

function handler(method) {
  return ({ metadata, request }, callback) => {
    const component = metadata.get('x-component-instance').join();
    if (!stores.has(component)) {
      stores.set(component, new Store());
    }
    try {
      callback(null, stores.get(component)[method](request));
    } catch (error) {
      callback(failure(error));
    }
  };
}

const service = 'dapr.proto.components.v1.StateStore';
const definition = protoLoader.loadSync('dapr/proto/components/v1/state.proto', {
  includeDirs: [protos],
  keepCase: true,
  enums: String,
  defaults: true,
});
const methods = Object.keys(definition[service]).map((method) => [method, handler(method)]);
const server = new grpc.Server();
server.addService(definition[service], Object.fromEntries(methods));
new ReflectionService(definition, { services: [service] }).addToServer(server);

// The program listens under another name and renames the socket then, which replaces a stale socket in a single step. At
// the end, Node removes the first name, and so never the socket of a successor.
process.umask(0o077); // the socket is for this user alone
const socket = path.join(folder, `${name}.sock`);
if (Buffer.byteLength(socket) > 107) {
  throw new Error(`No client can reach ${socket}: it has more than 107 bytes`);
}
const nursery = fs.mkdtempSync(path.join(folder, '.new-'));
server.bindAsync(`unix:${nursery}/s`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) {
    fs.rmdirSync(nursery);
    throw error;
  }
  fs.renameSync(`${nursery}/s`, socket);
  fs.rmdirSync(nursery);
  const { ino } = fs.statSync(socket);
  console.log(`Listening on ${socket}`);
  const stop = () => {
    if (fs.statSync(socket, { throwIfNoEntry: false })?.ino === ino) {
      fs.unlinkSync(socket);
    }
    setTimeout(process.exit, 1000);
    server.tryShutdown(() => process.exit());
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  setInterval(() => stores.forEach((store) => store.sweep()), 60_000).unref();
});
