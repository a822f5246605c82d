// The state store. Requests and answers are the messages of state.proto as plain objects.
import { status } from '@grpc/grpc-js';

function refusal(code, message, field) {
  return Object.assign(new Error(message), { code, field });
}

// Writes each item that is possible. The error has the status of the first refusal and the texts of all.
function each(items, write) {
  const refused = items.flatMap((item) => {
    try {
      write(item);
      return [];
    } catch (error) {
      return [error];
    }
  });
  if (refused.length > 0) {
    const [{ code, field }] = refused;
    throw refusal(code, refused.map(({ message }) => message).join('; '), field);
  }
  return {};
}

export class Store {
  #items = new Map();
  #now;
  #revision;

  constructor(now = Date.now) {
    this.#now = now;
    // The latest etag. It starts from the clock, so that an etag from before a restart matches no later value.
    this.#revision = now() * 1000;
  }

  // There is nothing to configure. Init may come again, for example after a reconnect, and keeps the data.
  Init = () => ({});

  Features = () => ({ features: ['ETAG', 'TTL'] });

  Ping = () => ({});

  Get = ({ key }) => this.#find(key) ?? {};

  BulkGet = ({ items }) => ({ items: items.map(({ key }) => ({ ...this.Get({ key }), key })) });

  Set = (request) => this.BulkSet({ items: [request] });

  BulkSet = ({ items }) => each(items, (request) => {
    this.#check(request);
    this.#items.set(request.key, this.#item(request));
  });

  Delete = (request) => this.BulkDelete({ items: [request] });

  BulkDelete = ({ items }) => each(items, (request) => {
    this.#check(request);
    this.#items.delete(request.key);
  });

  // Frees the memory of expired items. Readers do not see expired items, swept or not.
  sweep = () => this.#items.forEach((_, key) => this.#find(key));

  #find(key) {
    if (!key) {
      throw refusal(status.INVALID_ARGUMENT, 'the key is missing');
    }
    if (this.#items.get(key)?.expires <= this.#now()) {
      this.#items.delete(key);
    }
    return this.#items.get(key);
  }

  #item({ value, content_type, metadata }) {
    const item = { data: value, etag: { value: `${++this.#revision}` }, content_type, metadata: {} };
    const ttl = metadata.ttlInSeconds || '-1';
    if (!/^(-1|\d{1,10})$/.test(ttl)) {
      throw refusal(status.INVALID_ARGUMENT, `ttlInSeconds is "${ttl}", and must be a number of seconds or -1`);
    }
    if (ttl > 0) {
      item.expires = this.#now() + ttl * 1000;
      item.metadata.ttlExpireTime = new Date(item.expires).toISOString();
    }
    return item;
  }

  // Refuses a write that may not replace the current value. An empty etag counts as none.
  #check({ key, etag, options }) {
    const current = this.#find(key)?.etag.value;
    if (etag?.value && !/^\d+$/.test(etag.value)) {
      throw refusal(status.INVALID_ARGUMENT, `"${etag.value}" is not an etag of this store`, 'etag');
    }
    if (etag?.value && etag.value !== current) {
      throw refusal(status.FAILED_PRECONDITION, `the etag of ${key} is ${current}, not ${etag.value}`, 'etag');
    }
    if (!etag?.value && current && options?.concurrency === 'CONCURRENCY_FIRST_WRITE') {
      throw refusal(status.FAILED_PRECONDITION, `${key} exists, and the first write wins`, 'etag');
    }
  }
}
