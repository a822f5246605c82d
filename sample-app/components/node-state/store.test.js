import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Store } from './store.js';

const MISMATCH = { code: 9, field: 'etag' };
const INVALID_ETAG = { code: 3, field: 'etag' };
const START = Date.UTC(2024, 4, 1, 12);

function request(key, text, more = {}) {
  return { key, value: Buffer.from(text), content_type: 'text/plain', metadata: {}, ...more };
}

function withTtl(ttlInSeconds) {
  return { metadata: { ttlInSeconds } };
}

function etag(store, key) {
  return store.Get({ key }).etag;
}

function value(store, key) {
  return store.Get({ key }).data?.toString();
}

test('a value comes back as it was', () => {
  const store = new Store();
  store.Set(request('k', 'v'));
  const { data, content_type, metadata } = store.Get({ key: 'k' });
  assert.equal(data.toString(), 'v');
  assert.equal(content_type, 'text/plain');
  assert.deepEqual(metadata, {});
  store.Init({});
  store.Delete({ key: 'k' });
  store.Delete({ key: 'k' });
  assert.deepEqual(store.Get({ key: 'k' }), {});
});

test('an etag has to match', () => {
  const store = new Store();
  store.Set(request('k', '1'));
  const old = etag(store, 'k');
  store.Set(request('k', '2', { etag: old }));
  assert.notDeepEqual(etag(store, 'k'), old);
  assert.throws(() => store.Set(request('k', '3', { etag: old })), MISMATCH);
  assert.throws(() => store.Set(request('none', '3', { etag: old })), MISMATCH);
  assert.throws(() => store.Delete({ key: 'k', etag: old }), MISMATCH);
  assert.throws(() => store.Set(request('k', '3', { etag: { value: 'x' } })), INVALID_ETAG);
  assert.throws(() => store.Delete({ key: 'k', etag: { value: '-1' } }), INVALID_ETAG);
  assert.equal(value(store, 'k'), '2');
  store.Delete({ key: 'k', etag: etag(store, 'k') });
  assert.equal(value(store, 'k'), undefined);
});

test('the first write wins if it is asked to', () => {
  const store = new Store();
  const first = { options: { concurrency: 'CONCURRENCY_FIRST_WRITE' } };
  store.Set(request('k', '1', first));
  assert.throws(() => store.Set(request('k', '2', first)), MISMATCH);
  assert.throws(() => store.Set(request('k', '2', { ...first, etag: { value: '' } })), MISMATCH);
  store.Set(request('k', '2', { ...first, etag: etag(store, 'k') }));
  store.Set(request('k', '3', { options: { concurrency: 'CONCURRENCY_LAST_WRITE' } }));
  assert.equal(value(store, 'k'), '3');
});

test('a value expires', () => {
  let now = START;
  const store = new Store(() => now);
  store.Set(request('k', 'v', withTtl('10')));
  const old = etag(store, 'k');
  assert.equal(store.Get({ key: 'k' }).metadata.ttlExpireTime, '2024-05-01T12:00:10.000Z');
  now += 9_999;
  assert.equal(value(store, 'k'), 'v');
  now += 1;
  store.sweep();
  assert.equal(value(store, 'k'), undefined);
  assert.throws(() => store.Set(request('k', 'w', { etag: old })), MISMATCH);
  for (const ttl of [undefined, '', '-1', '0']) {
    store.Set(request('k', 'v', withTtl('10')));
    store.Set(request('k', 'v', withTtl(ttl)));
    now += 3_600_000;
    assert.equal(value(store, 'k'), 'v');
  }
  for (const ttl of ['soon', '-2', '1.5', '99999999999']) {
    assert.throws(() => store.Set(request('k', 'w', withTtl(ttl))), { code: 3, field: undefined });
  }
});

test('the writes of a bulk request are independent', () => {
  const store = new Store();
  store.BulkSet({ items: [request('a', '1'), request('b', '1')] });
  const stale = { value: '1' };
  const refused = [request('a', '2', { etag: stale }), request('c', '2'), request('b', '2', { etag: stale })];
  assert.throws(() => store.BulkSet({ items: refused }), /the etag of a is .*; the etag of b is /);
  assert.throws(() => store.BulkSet({ items: refused }), MISMATCH);
  assert.throws(() => store.BulkDelete({ items: [{ key: 'a', etag: stale }, { key: 'b' }] }), MISMATCH);
  const { items } = store.BulkGet({ items: [{ key: 'c' }, { key: 'b' }, { key: 'a' }] });
  assert.deepEqual(items.map(({ key, data }) => [key, data?.toString()]), [['c', '2'], ['b', undefined], ['a', '1']]);
  store.BulkDelete({ items: [{ key: 'a' }, { key: 'b' }] });
  assert.equal(value(store, 'a'), undefined);
});

test('a key is required', () => {
  const store = new Store();
  for (const method of ['Get', 'Set', 'Delete']) {
    assert.throws(() => store[method](request('', 'v')), { code: 3, field: undefined });
  }
});
