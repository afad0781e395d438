// A field worker's outbox as the pages see it.
import type { Case } from '../api/schema';
import { isUnsent, type OutboxItem } from './outbox';
import { dropOldReceipts, outboxStore } from './outbox_store';
import { type Run, sendAll } from './sender';
import { sendingOf } from './sending';
import { fieldOutbox, fieldTag } from './shared_names';

let onSent: (item: OutboxItem, after: Case) => void = () => undefined;

const sending = sendingOf<OutboxItem, Run['end']>({
  name: fieldOutbox,
  tag: fieldTag,
  all: () => outboxStore.all(),
  dropOld: dropOldReceipts,
  send: (changed) =>
    sendAll({
      store: outboxStore,
      fetch: (...given) => fetch(...given),
      now: Date.now,
      onSent: (item, after) => onSent(item, after),
      onChange: changed,
    }),
  // Signing in starts it again; until then asking is of no use. A lock that another tab holds is asked for again.
  again: (end) => end !== 'sign_in' && end !== 'empty',
});

export const { state: outboxState, changed: outboxChanged, trySending } = sending;

export const unsentOf = (user: string) =>
  outboxState.get().items.filter((item) => item.user === user && isUnsent(item)).length;

export function startOutbox(sent: typeof onSent): () => void {
  onSent = sent;
  return sending.start();
}
