// A component that ends its connections in peace, for the tests of the application. It keeps values and messages in
// memory. The options are those of ../go/aging. Start it in a folder that has the packages.
const { createRequire } = require('node:module');
const path = require('node:path');
const { parseArgs } = require('node:util');

const load = createRequire(path.join(process.cwd(), 'package.json'));
const grpc = load('@grpc/grpc-js');
const protoLoader = load('@grpc/proto-loader');
const { ReflectionService } = load('@grpc/reflection');

const { env } = process;
const { values: options } = parseArgs({
  args: process.argv.slice(2).map((word) => word.replace(/^-(?=[a-z])/, '--')),
  options: {
    age: { type: 'string' },
    grace: { type: 'string' },
    init: { type: 'string', default: '0s' },
    'go-plugin': { type: 'boolean' },
  },
});

function millis(duration) {
  return duration.endsWith('ms') ? parseInt(duration, 10) : 1000 * parseInt(duration, 10);
}

function answer(response = {}) {
  return (call, callback) => callback(null, response);
}

function init(call, callback) {
  setTimeout(() => callback(null, {}), millis(options.init));
}

const stored = new Map();

const stateStore = {
  Init: init,
  Features: answer(),
  Ping: answer(),
  Get: (call, callback) => callback(null, stored.has(call.request.key) ? { data: stored.get(call.request.key) } : {}),
  Set: (call, callback) => {
    stored.set(call.request.key, call.request.value);
    callback(null, {});
  },
};

// Gives each message to one stream. A message that was not acknowledged when its stream ends comes again.
const waiting = [];
const streams = new Set();
let last = 0;

function deliver() {
  while (waiting.length && streams.size) {
    const stream = [...streams][streams.size - 1];
    const message = waiting.shift();
    stream.sent.set(message.id, message);
    stream.call.write(message);
  }
}

const pubSub = {
  Init: init,
  Features: answer(),
  Ping: answer(),
  Publish: ({ request }, callback) => {
    last += 1;
    waiting.push({ id: String(last), data: request.data, topic_name: request.topic });
    deliver();
    callback(null, {});
  },
  PullMessages: (call) => {
    const stream = { call, sent: new Map() };
    const end = () => {
      if (streams.delete(stream)) {
        waiting.push(...stream.sent.values());
        call.end();
        deliver();
      }
    };
    call.on('data', (request) => {
      if (request.topic?.name) {
        streams.add(stream);
        deliver();
      } else {
        stream.sent.delete(request.ack_message_id);
      }
    });
    call.on('end', end).on('cancelled', end).on('error', end);
  },
};

const protos = path.resolve(__dirname, '../../../../../proto/src/main/protobuf');
const definition = protoLoader.loadSync(
  ['dapr/proto/components/v1/state.proto', 'dapr/proto/components/v1/pubsub.proto'],
  { includeDirs: [protos], keepCase: true, defaults: true },
);
const packageName = 'dapr.proto.components.v1';
const server = new grpc.Server({
  ...(options.age && { 'grpc.max_connection_age_ms': millis(options.age) }),
  ...(options.grace && { 'grpc.max_connection_age_grace_ms': millis(options.grace) }),
});
server.addService(definition[`${packageName}.StateStore`], stateStore);
server.addService(definition[`${packageName}.PubSub`], pubSub);
const services = [`${packageName}.StateStore`, `${packageName}.PubSub`];
new ReflectionService(definition, { services }).addToServer(server);

const socket = options['go-plugin']
  ? path.join(env.PLUGIN_UNIX_SOCKET_DIR, 'aging')
  : path.join(env.DAPR_COMPONENT_SOCKETS_FOLDER, 'aging.sock');
server.bindAsync(`unix:${socket}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) {
    throw error;
  }
  if (options['go-plugin']) {
    console.log(`1|1|unix|${socket}|grpc|`);
  }
});
