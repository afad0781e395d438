// Everything on the map, kept current by live changes.
//
//   GET /map ─ load() ─▶ [EntityTable] ◀─ apply() ─ web socket
//
// Changes may arrive before, while and after the picture is fetched; the log's sequence decides which ones it already
// shows. Readers take what changed since they last asked, so a burst of changes costs one redraw.
import type { EntityChange } from './events';
import type { CityMap, MapEntity } from './schema';

interface Batch {
  seq: number;
  changes: EntityChange[];
}

const waitingMax = 5000; // batches held while a picture is on its way

export class EntityTable {
  private entities = new Map<string, MapEntity>();
  private waiting: Batch[] = [];
  private loading = true;
  private seq = -1;
  private versionNumber = 0;
  private listeners = new Set<(changed: ReadonlySet<string> | 'all') => void>();

  get size(): number {
    return this.entities.size;
  }
  get version(): number {
    return this.versionNumber;
  }
  get(id: string): MapEntity | undefined {
    return this.entities.get(id);
  }
  all(): IterableIterator<MapEntity> {
    return this.entities.values();
  }

  // From now on changes wait, until load() brings a picture that they can be laid upon.
  expectLoad(): void {
    this.loading = true;
  }

  load(map: CityMap): void {
    this.entities = new Map(map.entities.map((entity) => [entity.id, entity]));
    this.seq = map.seq;
    this.loading = false;
    const waiting = this.waiting;
    this.waiting = [];
    for (const batch of waiting) {
      if (batch.seq >= map.seq) this.lay(batch);
    }
    this.tell('all');
  }

  apply(seq: number, changes: EntityChange[]): void {
    if (this.loading) {
      this.waiting.push({ seq, changes });
      if (this.waiting.length > waitingMax) this.waiting.shift();
      // What is shown meanwhile stays current too: a later picture only repeats it.
      if (this.seq >= 0) this.tell(this.lay({ seq, changes }));
      return;
    }
    // Equal is not old: things grow stale without any record being written.
    if (seq < this.seq) return;
    this.tell(this.lay({ seq, changes }));
  }

  subscribe(listener: (changed: ReadonlySet<string> | 'all') => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private lay(batch: Batch): Set<string> {
    const changed = new Set<string>();
    for (const change of batch.changes) {
      if (this.layOne(change)) changed.add(change.id);
    }
    this.seq = Math.max(this.seq, batch.seq);
    return changed;
  }

  private layOne(change: EntityChange): boolean {
    const known = this.entities.get(change.id);
    if (change.removed) return this.entities.delete(change.id);
    if (!known && !change.type) return false; // nothing is known of it: the next picture will bring it
    this.entities.set(change.id, {
      id: change.id,
      type: change.type ?? known?.type ?? '',
      name: change.name ?? known?.name ?? change.id,
      geometry: change.geometry ?? known?.geometry,
      state: change.state ?? known?.state ?? 'unknown',
      main: change.main === undefined ? (known?.main ?? null) : change.main,
    });
    return true;
  }

  private tell(changed: ReadonlySet<string> | 'all'): void {
    if (changed !== 'all' && changed.size === 0) return;
    this.versionNumber += 1;
    for (const listener of this.listeners) listener(changed);
  }
}
