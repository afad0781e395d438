// A citizen's outbox as the pages see it.
import { sendingOf } from '../../offline/sending';
import { pushForSent } from '../push/subscribe';
import type { Sending } from './outbox';
import { dropOldReceipts, sendingStore } from './outbox_store';
import { type Run, sendAll } from './sender';
import { citizenOutbox, citizenTag } from './shared_names';

const sending = sendingOf<Sending, Run['end']>({
  name: citizenOutbox,
  tag: citizenTag,
  all: () => sendingStore.all(),
  dropOld: dropOldReceipts,
  send: (changed) =>
    sendAll({
      store: sendingStore,
      fetch: (...given) => fetch(...given),
      now: Date.now,
      onChange: changed,
      onSent: async (item) => pushForSent(await navigator.serviceWorker?.getRegistration(), item),
    }),
  again: () => true,
});

export const { state: outboxState, changed: outboxChanged, trySending, start: startOutbox } = sending;
