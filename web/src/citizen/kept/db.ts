// What a citizen's phone keeps. Read by the pages and by the service worker.
import { makeDatabase } from '../../offline/idb';

export const kept = makeDatabase('cityloop-citizen', 1, ['outbox', 'photos', 'drafts', 'mine'] as const);
