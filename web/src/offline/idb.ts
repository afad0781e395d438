// IndexedDB as promises: what must outlive a page, a reload and a phone without a network.
const asPromise = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

export interface PutIn<S extends string> {
  store: S;
  key: string;
  value?: unknown; // absent: erased
}

// A database of plain stores, each of values by a key of text. `version` grows with the list of stores.
export function makeDatabase<S extends string>(name: string, version: number, stores: readonly S[]) {
  let opening: Promise<IDBDatabase> | null = null;

  function openDatabase(): Promise<IDBDatabase> {
    opening ??= new Promise<IDBDatabase>((done, fail) => {
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => {
        for (const store of stores)
          if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store);
      };
      request.onsuccess = () => {
        // Another tab that is newer may change the form; this one opens again when it next asks.
        request.result.onversionchange = () => {
          request.result.close();
          opening = null;
        };
        done(request.result);
      };
      request.onerror = () => fail(request.error);
    }).catch((error) => {
      opening = null;
      throw error;
    });
    return opening;
  }

  // One transaction: what `work` asks for happens whole or not at all.
  async function transact<T>(
    names: S[],
    mode: IDBTransactionMode,
    work: (store: (name: S) => IDBObjectStore) => Promise<T> | T,
  ): Promise<T> {
    const database = await openDatabase();
    const transaction = database.transaction(names, mode, { durability: 'strict' });
    const ended = new Promise<void>((done, fail) => {
      transaction.oncomplete = () => done();
      transaction.onabort = () => fail(transaction.error ?? new Error('the transaction was aborted'));
    });
    ended.catch(() => undefined); // told once, by the await below
    const result = await work((store) => transaction.objectStore(store));
    await ended;
    return result;
  }

  return {
    openDatabase,
    read: <T>(store: S, key: string): Promise<T | undefined> =>
      transact([store], 'readonly', (of) => asPromise(of(store).get(key) as IDBRequest<T | undefined>)),
    readAll: <T>(store: S): Promise<T[]> =>
      transact([store], 'readonly', (of) => asPromise(of(store).getAll() as IDBRequest<T[]>)),
    write: (store: S, key: string, value: unknown): Promise<void> =>
      transact([store], 'readwrite', (of) => void of(store).put(value, key)),
    erase: (store: S, ...keys: string[]): Promise<void> =>
      transact([store], 'readwrite', (of) => {
        for (const key of keys) of(store).delete(key);
      }),
    eraseAll: (store: S): Promise<void> => transact([store], 'readwrite', (of) => void of(store).clear()),
    // Several writes that stand or fall together.
    writeTogether: (puts: PutIn<S>[]): Promise<void> =>
      transact([...new Set(puts.map((put) => put.store))], 'readwrite', (of) => {
        for (const { store, key, value } of puts) {
          if (value === undefined) of(store).delete(key);
          else of(store).put(value, key);
        }
      }),
  };
}

// What a field worker's phone keeps.
export const stores = ['outbox', 'photos', 'drafts', 'snapshots'] as const;
export type StoreName = (typeof stores)[number];
export type Put = PutIn<StoreName>;
export const { openDatabase, read, readAll, write, erase, eraseAll, writeTogether } = makeDatabase(
  'cityloop-field',
  1,
  stores,
);
