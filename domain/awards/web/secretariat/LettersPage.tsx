// Letters to applicants: which there is an occasion for, each in its reader's language, sent by a tick and one confirmation,
// and what became of each. Copying and one's own mail program stay as a way where the city has no mail server.
import type { AwardLetterCode, AwardLetterState, AwardLetters } from '@console/api/schema';
import { usePicks } from '@console/inbox/use_picks';
import { Age } from '@console/ui/Age';
import { filled, useAddress } from '@console/ui/address';
import { csvOf, saveFile } from '@console/ui/files';
import { useHotkeys } from '@console/ui/hotkeys';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { useSettled } from '@console/ui/use_settled';
import { Alert, App, Button, Checkbox, Input, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useLetters } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { MoreRows } from '../staff/MoreRows';
import { useWords } from '../words';
import {
  canBeSent,
  canBeSentAgain,
  idOf,
  inTheirs,
  isLetterCode,
  isLetterState,
  type Letter,
  letterStates,
  mailOf,
} from './letters';
import { SendLetters } from './SendLetters';

const tones = { not_sent: 'plain', no_address: 'warn', waiting: 'plain', given_up: 'alarm', taken: 'ok' } as const;

// How many of each kind stand where; a number shows those letters alone.
function Kinds({ kinds, put }: { kinds: AwardLetters['kinds']; put: (code: string, state: string) => void }) {
  const t = useWords();
  const [params] = useSearchParams();
  const there = kinds.filter(({ states, automatic }) => automatic || Object.values(states).some((n) => n > 0));
  const chosen = (code: AwardLetterCode, state: AwardLetterState | '') =>
    params.get('code') === code && (params.get('state') ?? '') === state;
  return (
    <div className="section section-flush">
      <TableScroll label={t('secretariat.letters.kinds')}>
        <table className="groups letter-kinds">
          <thead>
            <tr>
              <th>{t('secretariat.letters.kind')}</th>
              {letterStates.map((state) => (
                <th key={state} className="num">
                  {t(`secretariat.letters.state.${state}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {there.map(({ code, automatic, states }) => (
              <tr key={code} aria-current={params.get('code') === code || undefined}>
                <td>
                  <Button type="link" size="small" aria-pressed={chosen(code, '')} onClick={() => put(code, '')}>
                    {t(`secretariat.letters.code.${code}`)}
                  </Button>
                  {automatic && <Pill>{t('secretariat.letters.automatic')}</Pill>}
                </td>
                {letterStates.map((state) => (
                  <td key={state} className="num">
                    {states[state] ? (
                      <Button
                        type="link"
                        size="small"
                        aria-pressed={chosen(code, state)}
                        aria-label={`${t(`secretariat.letters.code.${code}`)}, ${t(`secretariat.letters.state.${state}`)}: ${states[state]}`}
                        onClick={() => put(code, state)}
                      >
                        {states[state]}
                      </Button>
                    ) : (
                      <span className="muted">0</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </div>
  );
}

function Search({ put }: { put: (words: string) => void }) {
  const t = useWords();
  const [params] = useSearchParams();
  const [words, setWords] = useState(params.get('q') ?? '');
  const settled = useSettled(words, 250);
  const input = useRef<InputRef>(null);
  useHotkeys({ '/': () => input.current?.focus() });
  useEffect(() => put(settled), [settled]);
  return (
    <Input
      ref={input}
      allowClear
      value={words}
      onChange={({ target }) => setWords(target.value)}
      placeholder={t('secretariat.letters.search')}
      aria-label={t('secretariat.letters.search')}
    />
  );
}

function Standing({ letter }: { letter: Letter }) {
  const t = useWords();
  return (
    <>
      <Pill tone={tones[letter.state]}>{t(`secretariat.letters.state.${letter.state}`)}</Pill>{' '}
      {letter.since && <Age at={letter.since} />}
      {letter.nth > 1 && <span className="muted"> · {t('secretariat.letters.nth', { n: letter.nth })}</span>}
      {letter.trouble !== 'none' && (
        <div className="muted">
          {t(`secretariat.letters.trouble.${letter.trouble}`)}
          {letter.why && <span className="letter-why"> {letter.why}</span>}
        </div>
      )}
    </>
  );
}

function Words({ letter, again }: { letter: Letter; again: () => void }) {
  const t = useWords();
  const { message } = App.useApp();
  const { subject, text } = inTheirs(letter);
  const copy = () =>
    void navigator.clipboard.writeText(`${letter.to}\n${subject}\n\n${text}`).then(
      () => void message.success(t('secretariat.letters.copied', { to: letter.to })),
      () => void message.error(t('secretariat.letters.noCopy')),
    );
  return (
    <div className="letter-words">
      <p className="muted">
        {letter.name} &lt;{letter.to || '—'}&gt;
      </p>
      <p className="answer-text" lang={letter.language}>
        {text}
      </p>
      <p className="found-acts">
        <Button size="small" onClick={copy}>
          {t('secretariat.letters.copy')}
        </Button>
        <Button size="small" href={mailOf(letter)} disabled={!letter.to}>
          {t('secretariat.letters.mail')}
        </Button>
        {canBeSentAgain(letter) && (
          <Button size="small" onClick={again} data-act="again">
            {t('secretariat.letters.again')}
          </Button>
        )}
      </p>
    </div>
  );
}

interface RowProps {
  letter: Letter;
  picked: boolean;
  pick: () => void;
  again: () => void;
}

function Row({ letter, picked, pick, again }: RowProps) {
  const t = useWords();
  const [open, setOpen] = useState(false);
  const id = idOf(letter);
  const { subject } = inTheirs(letter);
  const called = letter.number || letter.title || t('staff.untitled');
  return (
    <>
      <tr data-letter={letter.number || letter.proposal} data-code={letter.code} aria-selected={picked}>
        <td>
          <Checkbox
            aria-label={t('secretariat.letters.pick', { who: called, subject })}
            checked={picked}
            disabled={!canBeSent(letter) && !canBeSentAgain(letter)}
            onChange={pick}
          />
        </td>
        <td>
          {letter.number ? <Link to={`/awards/proposals/${letter.proposal}`}>{letter.number}</Link> : <span>—</span>}
        </td>
        <td>{letter.name || letter.to}</td>
        <td className="wide">
          <Button
            type="link"
            size="small"
            className="letter-open"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            data-row={id}
          >
            {subject}
          </Button>
        </td>
        <td className="letter-state">
          <Standing letter={letter} />
        </td>
      </tr>
      {open && (
        <tr className="letter">
          <td />
          <td colSpan={4}>
            <Words letter={letter} again={again} />
          </td>
        </tr>
      )}
    </>
  );
}

interface Sending {
  letters: readonly Letter[];
  again: boolean;
}

function Letters({ cycle }: { cycle: string }) {
  const t = useWords();
  const [params, change] = useAddress();
  const put = (wanted: Record<string, string>) => change(filled(wanted));
  const code = params.get('code') ?? '';
  const state = params.get('state') ?? '';
  const query = useLetters(cycle, {
    code: isLetterCode(code) ? code : '',
    state: isLetterState(state) ? state : '',
    q: params.get('q') ?? '',
  });
  const list = useListKeys(undefined);
  const picks = usePicks();
  const [sending, setSending] = useState<Sending | null>(null);
  const [gathering, setGathering] = useState(false);
  const first = query.data?.pages[0];
  const all = query.data?.pages.flatMap(({ letters }) => letters);
  const server = first?.server ?? true;
  const picked = (all ?? []).filter((one) => picks.ids.has(idOf(one)));
  const fresh = picked.filter(canBeSent);
  const sent = picked.filter(canBeSentAgain);
  // All that match, those not read yet too.
  const pickAll = async () => {
    setGathering(true);
    let read = query.data;
    for (let more = query.hasNextPage; more; ) {
      const next = await query.fetchNextPage();
      if (next.isError) break;
      read = next.data;
      more = next.hasNextPage;
    }
    setGathering(false);
    picks.set(
      (read?.pages ?? [])
        .flatMap(({ letters }) => letters)
        .filter(canBeSent)
        .map(idOf),
    );
  };
  const focused = () => (document.activeElement as HTMLElement | null)?.dataset.row;
  const offer = () => fresh.length > 0 && setSending({ letters: fresh, again: false });
  useHotkeys({
    x: () => {
      const id = focused();
      if (id) picks.toggle(id);
    },
    '*': () => void pickAll(),
    '.': () => void offer(),
    ...(picked.length ? { Escape: picks.clear } : {}),
  });
  const table = (letters: readonly Letter[]) =>
    saveFile(
      csvOf([
        ['number', 'to', 'name', 'language', 'kind', 'state', 'subject', 'text'],
        ...letters.map((one) => {
          const { subject, text } = inTheirs(one);
          return [one.number, one.to, one.name, one.language, one.code, one.state, subject, text];
        }),
      ]),
      `${cycle}-letters.csv`,
    );
  return (
    <>
      {!server && <Alert type="info" showIcon title={t('secretariat.letters.noServer')} />}
      {first && <Kinds kinds={first.kinds} put={(kind, where) => put({ code: kind, state: where })} />}
      <div className="award-filters">
        <Search put={(q) => put({ q })} />
        {(code || state) && (
          <Button size="small" onClick={() => put({ code: '', state: '' })} data-act="any-kind">
            {t('secretariat.letters.any')}
          </Button>
        )}
        <span className="muted num" role="status">
          {first && t('secretariat.letters.total', { n: first.total })}
        </span>
        <Button size="small" loading={gathering} onClick={() => void pickAll()} data-act="pick-all">
          {t('secretariat.letters.pickAll')}
        </Button>
        <Button size="small" onClick={() => table(all ?? [])}>
          {t('secretariat.letters.table')}
        </Button>
      </div>
      {picked.length > 0 && (
        <div className="bulk-line" role="toolbar" aria-label={t('secretariat.letters.bar')}>
          <strong className="num">{t('secretariat.letters.picked', { n: picked.length })}</strong>
          {fresh.length > 0 && (
            <Button size="small" type="primary" onClick={offer} data-act="send">
              {t('secretariat.letters.send')} ({fresh.length})<kbd>.</kbd>
            </Button>
          )}
          {sent.length > 0 && (
            <Button size="small" onClick={() => setSending({ letters: sent, again: true })}>
              {t('secretariat.letters.again')} ({sent.length})
            </Button>
          )}
          <Button size="small" type="text" onClick={picks.clear}>
            {t('secretariat.bulk.none')}
          </Button>
        </div>
      )}
      <Answer query={{ ...query, data: all, refetch: query.refetch }} rows={8}>
        {(letters) =>
          letters.length === 0 ? (
            <Blank title={t('secretariat.letters.none')} hint={t('secretariat.letters.noneHint')} />
          ) : (
            <div className="section section-flush" ref={list}>
              <TableScroll label={t('secretariat.tabs.letters')}>
                <table className="groups letters">
                  <thead>
                    <tr>
                      <th />
                      <th>{t('staff.number')}</th>
                      <th>{t('secretariat.letters.to')}</th>
                      <th>{t('secretariat.letters.letter')}</th>
                      <th>{t('secretariat.letters.standing')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {letters.map((letter) => (
                      <Row
                        key={idOf(letter)}
                        letter={letter}
                        picked={picks.ids.has(idOf(letter))}
                        pick={() => picks.toggle(idOf(letter))}
                        again={() => setSending({ letters: [letter], again: true })}
                      />
                    ))}
                  </tbody>
                </table>
              </TableScroll>
              <MoreRows of={query} />
            </div>
          )
        }
      </Answer>
      <p className="muted keys-hint">{t('secretariat.letters.keys')}</p>
      {sending && (
        <SendLetters
          cycle={cycle}
          {...sending}
          server={server}
          close={() => {
            setSending(null);
            picks.clear();
          }}
        />
      )}
    </>
  );
}

export function LettersPage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.letters')}>
      {(cycle) => <Letters key={cycle.id} cycle={cycle.id} />}
    </CyclePage>
  );
}
