// Asks the server for something and keeps the answer while the page is open: what was seen is there at once when one comes
// back to it, and is asked for again. `name` says what is asked; null asks nothing yet. With `kept` the last answer stays
// on this phone, for when the network is gone: what everybody may know only.
import { useCallback, useEffect, useState } from 'react';
import { Problem } from '../api/http';

export interface Asked<T> {
  data: T | undefined;
  problem: Problem | null;
  asking: boolean;
  again: () => void;
  put: (data: T) => void; // what a step has answered is how it stands now
}

const answers = new Map<string, unknown>();
const listeners = new Set<() => void>();
const answersMax = 60;
const keptLengthMax = 400_000;
const keptName = (name: string) => `cityloop.citizen.${name}`;

function readKept(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(keptName(name)) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

function writeKept(name: string, data: unknown): void {
  try {
    const text = JSON.stringify(data);
    if (text.length <= keptLengthMax) localStorage.setItem(keptName(name), text);
  } catch {
    // a full phone still shows what came
  }
}

function keepAnswer(name: string, data: unknown): void {
  answers.delete(name);
  answers.set(name, data);
  for (const oldest of answers.keys()) {
    if (answers.size <= answersMax) break;
    answers.delete(oldest);
  }
  for (const listener of listeners) listener();
}

export const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(-1, error instanceof Error ? error.message : String(error));

export function useAsk<T>(name: string | null, ask: () => Promise<T>, { everyMs = 0, kept = false } = {}): Asked<T> {
  const [, redraw] = useState(0);
  if (kept && name !== null && !answers.has(name)) {
    const before = readKept(name);
    if (before !== undefined) answers.set(name, before);
  }
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState(name !== null);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const heard = () => redraw((n) => n + 1);
    listeners.add(heard);
    return () => void listeners.delete(heard);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `name` stands for what is asked
  useEffect(() => {
    if (name === null) return;
    let gone = false;
    setAsking(true);
    ask()
      .then((data) => {
        if (gone) return;
        setProblem(null);
        keepAnswer(name, data);
        if (kept) writeKept(name, data);
      })
      .catch((error: unknown) => !gone && setProblem(asProblem(error)))
      .finally(() => !gone && setAsking(false));
    return () => {
      gone = true;
    };
  }, [name, turn]);

  const again = useCallback(() => setTurn((n) => n + 1), []);

  // A page that is looked at again, or whose network is back, shows how it stands now.
  useEffect(() => {
    const seen = () => document.visibilityState === 'visible' && again();
    document.addEventListener('visibilitychange', seen);
    window.addEventListener('online', again);
    const timer = everyMs ? setInterval(seen, everyMs) : undefined;
    return () => {
      document.removeEventListener('visibilitychange', seen);
      window.removeEventListener('online', again);
      clearInterval(timer);
    };
  }, [again, everyMs]);

  const put = useCallback((data: T) => name !== null && keepAnswer(name, data), [name]);
  return { data: name === null ? undefined : (answers.get(name) as T | undefined), problem, asking, again, put };
}
