// A proposal's draft as the form has it, and how far it is saved.
import { useSession } from '@console/api/queries';
import type { AwardEntry } from '@console/api/schema';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Draft, entryApi, usePutEntry } from './api';
import { DraftSaver, forgetDraft, keepDraft, readKept, type SaveState } from './draft_saver';

const draftOf = (entry: AwardEntry): Draft => ({ category: entry.category, answers: entry.answers });

export interface EditedDraft {
  draft: Draft;
  state: SaveState;
  change: (draft: Draft) => void;
  flush: () => Promise<boolean>;
  takeTheirs: (theirs: AwardEntry) => void;
  keepMine: (theirs: AwardEntry) => void;
}

export function useDraft(entry: AwardEntry): EditedDraft {
  const user = useSession().data?.user.id ?? '';
  const putEntry = usePutEntry();
  const [draft, setDraft] = useState(() => readKept(user, entry.id) ?? draftOf(entry));
  const [state, setState] = useState<SaveState>({ is: 'saved' });
  const saver = useRef<DraftSaver | null>(null);

  // One saver for a proposal, made of what it was when the page was opened.
  useEffect(() => {
    const kept = readKept(user, entry.id);
    const made = new DraftSaver(
      {
        save: (revision, next) => entryApi.save(entry.id, revision, next),
        read: () => entryApi.read(entry.id),
        keep: (next) => keepDraft(user, entry.id, next),
        forget: () => forgetDraft(user, entry.id),
        onState: setState,
        onSaved: putEntry,
      },
      kept?.revision ?? entry.revision,
      kept ?? draftOf(entry),
    );
    saver.current = made;
    // Written before the page was left, and not at the server yet.
    if (kept) made.change({ category: kept.category, answers: kept.answers });
    const online = () => void made.flush();
    window.addEventListener('online', online);
    return () => {
      window.removeEventListener('online', online);
      made.end();
    };
  }, [entry.id, user]);

  useEffect(() => saver.current?.isNow(entry.revision), [entry.revision]);

  const change = useCallback((next: Draft) => {
    setDraft(next);
    saver.current?.change(next);
  }, []);
  const takeTheirs = useCallback(
    (theirs: AwardEntry) => {
      forgetDraft(user, entry.id);
      saver.current?.reset(theirs.revision, draftOf(theirs));
      setDraft(draftOf(theirs));
      setState({ is: 'saved' });
      putEntry(theirs);
    },
    [user, entry.id, putEntry],
  );
  const keepMine = useCallback((theirs: AwardEntry) => void saver.current?.overwrite(theirs), []);
  const flush = useCallback(() => saver.current?.flush() ?? Promise.resolve(true), []);
  return { draft, state, change, flush, takeTheirs, keepMine };
}
