// The sheet that one shift gives the next: what is overdue, supervised, waiting for a decision, due soon, just in; what
// the shift did; and what it wants to say. Printed on A4.
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api } from '../api/client';
import { useActiveFindings, useCity, usePendingCommands, useSession } from '../api/queries';
import type { CaseCounts, CaseSummary } from '../api/schema';
import '../cases/cases.css';
import '../cases/print.css';
import { Deadline } from '../cases/parts';
import { useLanguage, useText, useWord } from '../i18n';
import { useActor, useDepartmentName } from '../ui/Attribute';
import { usePageTitle } from '../ui/Page';
import { Answer } from '../ui/states';
import { useCityNow } from '../ui/ticker';
import { dateTime } from '../ui/time';
import './handover.css';
import { keepNotes, readNotes } from './notes';
import { partsOf, type SheetPart } from './sheet_rows';

const lengths = ['8', '12', '24'] as const;
const readMax = 1000;
const shownMax = 60;
const hour = 3600_000;

async function readSheet(from: string, to: string) {
  const [open, waiting, statistics] = await Promise.all([
    api.cases({ state: 'open', limit: readMax }),
    api.cases({ state: 'open', requested: 'true', limit: readMax }),
    api.caseStatistics({ from, to, by: 'department' }),
  ]);
  return { open, waiting: new Set(waiting.cases.map((item) => item.id)), total: statistics.total };
}

function Rows({ cases }: { cases: CaseSummary[] }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const actor = useActor();
  const departmentOf = useDepartmentName();
  return (
    <table className="sheet-rows">
      <thead>
        <tr>
          <th scope="col">{t('handover.case')}</th>
          <th scope="col">{t('print.state')}</th>
          <th scope="col">{t('case.department')}</th>
          <th scope="col">{t('case.deadline')}</th>
        </tr>
      </thead>
      <tbody>
        {cases.slice(0, shownMax).map((item) => (
          <tr key={item.id}>
            <td>
              <Link to={`/cases/${encodeURIComponent(item.id)}`}>{text(item.title)}</Link>{' '}
              <span className="muted">
                {t(`severity.${item.severity}`)} · {item.aboutName}
              </span>
            </td>
            <td>{word('caseState', item.state)}</td>
            <td>
              {item.department ? departmentOf(item.department) : t('case.unassigned')}
              {item.holder && ` · ${actor(item.holder)}`}
            </td>
            <td>
              <Deadline item={item} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Part({ part }: { part: SheetPart }) {
  const { t } = useTranslation();
  if (part.cases.length === 0) return null;
  return (
    <section data-part={part.id}>
      <h2>
        {t(`handover.${part.id}`)} <span className="num">({part.cases.length})</span>
      </h2>
      <Rows cases={part.cases} />
      {part.cases.length > shownMax && (
        <p className="muted">{t('handover.more', { n: part.cases.length - shownMax })}</p>
      )}
    </section>
  );
}

function Summary({ total, open }: { total: CaseCounts; open: number }) {
  const { t } = useTranslation();
  const findings = useActiveFindings().data;
  const commands = usePendingCommands().data?.commands.length ?? 0;
  const rows: [string, string | number][] = [
    [t('measure.open'), open],
    [t('measure.overdue'), total.overdue],
    [t('measure.supervised'), total.supervised],
    [t('measure.waiting'), total.waiting],
    [t('measure.opened'), total.opened],
    [t('measure.closed'), total.closed],
    [t('measure.late'), total.late],
    [t('map.findings'), `${findings?.findings.length ?? 0}${findings?.next ? '+' : ''}`],
    [t('handover.commands'), commands],
  ];
  return (
    <dl className="print-facts handover-counts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Notes() {
  const { t } = useTranslation();
  const language = useLanguage();
  const actor = useActor();
  const user = useSession().data?.user.id ?? '';
  const [notes, setNotes] = useState(readNotes);
  const write = (text: string) => {
    const next = { text, by: user, at: Date.now() };
    setNotes(next);
    keepNotes(next);
  };
  return (
    <section className="handover-notes">
      <h2>{t('handover.notes')}</h2>
      <Input.TextArea
        className="notes-input"
        aria-label={t('handover.notes')}
        placeholder={t('handover.notesHint')}
        rows={5}
        maxLength={8000}
        value={notes.text}
        onChange={(event) => write(event.target.value)}
      />
      <p className="notes-print">{notes.text}</p>
      {notes.at > 0 && (
        <p className="muted">
          {t('handover.notesBy', { by: actor(notes.by), time: dateTime(notes.at, language, false) })}
        </p>
      )}
    </section>
  );
}

export function HandoverPage() {
  const { t } = useTranslation();
  usePageTitle(t('handover.title'));
  const text = useText();
  const language = useLanguage();
  const city = useCity();
  const user = useSession().data?.user;
  const [params, setParams] = useSearchParams();
  const hours = lengths.find((each) => each === params.get('hours')) ?? '8';
  const [now] = useState(useCityNow());
  const [from, to] = [new Date(now - Number(hours) * hour).toISOString(), new Date(now + 60_000).toISOString()];
  const query = useQuery({ queryKey: ['handover', from, to], queryFn: () => readSheet(from, to), staleTime: 30_000 });
  return (
    <div className="print-page">
      <div className="print-tools">
        <Segmented
          aria-label={t('handover.length')}
          value={hours}
          onChange={(value) => setParams({ hours: value }, { replace: true })}
          options={lengths.map((value) => ({ value, label: t('age.h', { n: value }) }))}
        />
        <Button onClick={() => void query.refetch()}>{t('handover.refresh')}</Button>
        <Button type="primary" onClick={() => window.print()}>
          {t('print.print')}
        </Button>
      </div>
      <article className="sheet">
        <header>
          <p>
            {text(city.name)} · {dateTime(Date.parse(from), language, false)} – {dateTime(now, language, false)}
          </p>
          <h1>{t('handover.title')}</h1>
        </header>
        <Answer query={query} rows={10}>
          {({ open, waiting, total }) => (
            <>
              <Summary total={total} open={open.total} />
              <Notes />
              {partsOf(open.cases, waiting, now).map((part) => (
                <Part key={part.id} part={part} />
              ))}
              {open.total > open.cases.length && (
                <p className="muted">{t('handover.cut', { n: open.cases.length, all: open.total })}</p>
              )}
            </>
          )}
        </Answer>
        <footer className="signatures">
          <span>
            {t('handover.from')}: {text(user?.name) || user?.id}
          </span>
          <span>{t('handover.to')}:</span>
        </footer>
      </article>
    </div>
  );
}
