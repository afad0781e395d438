// Keeps a draft: what is written stands on this machine at once and at the server a moment later. Without a network it goes
// on being written and is sent when the server answers again; a newer version at the server is never written over unasked.
//
//   form ─ change ─▶ [DraftSaver] ─▶ kept here (localStorage)
//                        └─ after a pause, one at a time ─▶ PUT …/entries/{id} ─▶ revision
import { Problem } from '@console/api/http';
import type { AwardEntry } from '@console/api/schema';
import type { Draft } from './api';

export interface KeptDraft extends Draft {
  revision: number; // upon which it was written
}

export type SaveState =
  | { is: 'saved' }
  | { is: 'writing' } // to be sent in a moment
  | { is: 'saving' }
  | { is: 'kept' } // on this machine only: the server does not answer
  | { is: 'conflict'; theirs: AwardEntry }
  | { is: 'refused'; why: unknown };

export interface DraftPlace {
  save: (revision: number, draft: Draft) => Promise<AwardEntry>;
  read: () => Promise<AwardEntry>;
  keep: (draft: KeptDraft) => void;
  forget: () => void;
  onState: (state: SaveState) => void;
  onSaved: (entry: AwardEntry) => void;
}

const pauseMs = 1200;
const retryMs = 5000;

const isGone = (error: unknown) => error instanceof Problem && (error.status === 0 || error.status >= 502);

export class DraftSaver {
  private draft: Draft;
  private unsent = false;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(
    private readonly place: DraftPlace,
    private revision: number,
    draft: Draft,
  ) {
    this.draft = draft;
  }

  change(draft: Draft): void {
    this.draft = draft;
    this.unsent = true;
    this.place.keep({ ...draft, revision: this.revision });
    this.place.onState({ is: 'writing' });
    this.later(pauseMs);
  }

  // Sends what is unsent; true when the server has all of it.
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    if (this.unsent) await this.send();
    return !this.unsent;
  }

  // After a conflict: what is written here is put upon the newer version.
  async overwrite(theirs: AwardEntry): Promise<void> {
    this.revision = theirs.revision;
    this.unsent = true;
    await this.flush();
  }

  // The newer version instead of what is written here.
  reset(revision: number, draft: Draft): void {
    clearTimeout(this.timer);
    this.revision = revision;
    this.draft = draft;
    this.unsent = false;
  }

  // Another step (a file, a reply) has made a newer revision of the same texts.
  isNow(revision: number): void {
    if (!this.unsent && !this.running) this.revision = revision;
  }

  // Still to be sent when the page is left: it stays on this machine.
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    if (this.unsent && !this.running) void this.send();
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    if (!this.ended) this.timer = setTimeout(() => void this.flush(), ms);
  }

  private send(): Promise<void> {
    this.running ??= this.sendOnce().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async sendOnce(): Promise<void> {
    const sent = this.draft;
    this.place.onState({ is: 'saving' });
    try {
      const entry = await this.place.save(this.revision, sent);
      this.revision = entry.revision;
      this.place.onSaved(entry);
      if (sent === this.draft) {
        this.unsent = false;
        this.place.forget();
        this.place.onState({ is: 'saved' });
      } else {
        this.place.keep({ ...this.draft, revision: this.revision });
        this.later(pauseMs);
      }
    } catch (error) {
      await this.failed(error);
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (isGone(error)) {
      this.place.onState({ is: 'kept' });
      this.later(retryMs);
      return;
    }
    // A conflict is another's change, or a window that has closed: how it stands says which.
    const theirs = error instanceof Problem && error.status === 409 ? await this.place.read().catch(() => null) : null;
    if (theirs && theirs.revision !== this.revision) this.place.onState({ is: 'conflict', theirs });
    else this.place.onState({ is: 'refused', why: error });
  }
}

// The keeping place: by person and proposal, so that nobody is shown what another wrote on the same machine.
const nameOf = (user: string, entry: string) => `cityloop.awards.draft.${user}.${entry}`;

export function readKept(user: string, entry: string): KeptDraft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(nameOf(user, entry)) ?? 'null') as KeptDraft | null;
    return kept && typeof kept.revision === 'number' && typeof kept.answers === 'object' ? kept : null;
  } catch {
    return null;
  }
}

export function keepDraft(user: string, entry: string, draft: KeptDraft): void {
  try {
    localStorage.setItem(nameOf(user, entry), JSON.stringify(draft));
  } catch {
    // A browser that keeps nothing: the server has it a second later.
  }
}

export const forgetDraft = (user: string, entry: string): void => localStorage.removeItem(nameOf(user, entry));
