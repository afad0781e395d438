// What was received when and what happened by whom; that an auditor sees no texts and no scores is said where it is so.
import type { AwardAudit, AwardCycle } from '@console/api/schema';
import { Moment } from '@console/ui/Age';
import { csvOf, saveFile } from '@console/ui/files';
import { useHotkeys } from '@console/ui/hotkeys';
import { Pill } from '@console/ui/marks';
import { Facts, Section } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { Alert, Button, Input, type InputRef, Segmented } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { StagePill } from '../parts/stage';
import { useAudit } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useEventName } from '../staff/event_name';
import { useWords } from '../words';
import { happened, oddities } from './received_rows';

const views = ['proposals', 'events', 'sheets'] as const;
const shownMax = 500;

function Table({
  audit,
  view,
  words,
  cycle,
}: {
  audit: AwardAudit;
  view: (typeof views)[number];
  words: string;
  cycle: string;
}) {
  const t = useWords();
  const eventName = useEventName();
  const by = (who: string) =>
    who.startsWith('applicant:') ? `${t('staff.waits.applicant')} ${who.slice(10, 18)}…` : who;
  const is = (text: string) => text.toLowerCase().includes(words.toLowerCase());
  const rows: { key: string; cells: React.ReactNode[]; plain: (string | number)[] }[] =
    view === 'proposals'
      ? audit.proposals
          .filter(({ number }) => is(number))
          .flatMap((one) =>
            one.receipts.map((receipt) => ({
              key: `${one.number}/${receipt.version}`,
              cells: [
                `${one.number}/${receipt.version}`,
                <Moment at={receipt.at} />,
                receipt.receipt ? (
                  <Pill tone="ok">{t('audit.hasReceipt')}</Pill>
                ) : (
                  <Pill tone="alarm">{t('audit.noReceipt')}</Pill>
                ),
                <StagePill of={one} />,
              ],
              plain: [`${one.number}/${receipt.version}`, receipt.at ?? '', receipt.receipt ? 1 : 0, one.stage],
            })),
          )
      : view === 'events'
        ? happened(audit)
            .filter((one) => is(one.number) || is(one.by) || is(eventName(one.what)))
            .map((one, i) => ({
              key: `${i}`,
              cells: [one.number || t('audit.whole'), <Moment at={one.at} />, eventName(one.what), by(one.by)],
              plain: [one.number, one.at, one.what, one.by],
            }))
        : audit.sheets
            .filter(({ id }) => is(id))
            .map((one) => ({
              key: one.id,
              cells: [
                <code>{one.id}</code>,
                <Moment at={one.at} />,
                t(`audit.sheet.${one.state as 'open'}`),
                one.version || '—',
              ],
              plain: [one.id, one.at ?? '', one.state, one.version],
            }));
  const heads = {
    proposals: [t('staff.number'), t('audit.receivedAt'), t('audit.receipt'), t('staff.stageOf')],
    events: [t('staff.number'), t('staff.at'), t('staff.what'), t('staff.by')],
    sheets: [t('audit.sheetId'), t('staff.changed'), t('staff.stageOf'), t('staff.version')],
  }[view];
  return (
    <div className="section section-flush">
      <header className="section-head">
        <h2 className="num">{t('audit.rows', { n: rows.length })}</h2>
        <Button
          size="small"
          onClick={() => saveFile(csvOf([heads, ...rows.map(({ plain }) => plain)]), `${cycle}-${view}.csv`)}
        >
          {t('audit.csv')}
        </Button>
      </header>
      {rows.length === 0 ? (
        <Blank title={t('audit.nothing')} />
      ) : (
        <TableScroll label={t(`audit.view.${view}`)}>
          <table className="groups audit-rows">
            <thead>
              <tr>
                {heads.map((head) => (
                  <th key={head}>{head}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shownMax).map((row) => (
                <tr key={row.key}>
                  {row.cells.map((cell, i) => (
                    <td key={i} className="num">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
      {rows.length > shownMax && <p className="muted section-note">{t('audit.more', { n: rows.length - shownMax })}</p>}
    </div>
  );
}

function Received({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const query = useAudit(cycle.id);
  const [view, show] = useState<(typeof views)[number]>('proposals');
  const [words, setWords] = useState('');
  const input = useRef<InputRef>(null);
  useHotkeys({ '/': () => input.current?.focus() });
  const odd = useMemo(
    () =>
      query.data
        ? oddities(
            query.data,
            cycle.entry,
            cycle.stages.find(({ id }) => id === 'review'),
          )
        : [],
    [query.data, cycle],
  );
  return (
    <>
      <Alert type="info" showIcon title={t('audit.notShown')} description={t('audit.notShownHint')} />
      <Answer query={query} rows={10}>
        {(audit) => (
          <>
            <Section title={t('audit.sums')}>
              <Facts
                rows={[
                  [t('audit.proposals'), <span className="num">{audit.proposals.length}</span>],
                  [
                    t('audit.versions'),
                    <span className="num">
                      {audit.proposals.reduce((sum, { receipts }) => sum + receipts.length, 0)}
                    </span>,
                  ],
                  [
                    t('audit.sheets'),
                    <span className="num">
                      {audit.sheets.filter(({ version }) => version > 0).length}/{audit.sheets.length}
                    </span>,
                  ],
                  [t('audit.odd'), odd.length ? <Pill tone="alarm">{odd.length}</Pill> : <Pill tone="ok">0</Pill>],
                ]}
              />
              {odd.length > 0 && (
                <ul className="checks">
                  {odd.map((one, i) => (
                    <li key={i}>
                      <Pill tone="alarm">{t(`audit.oddity.${one.code}`)}</Pill>{' '}
                      <span className="num">{one.number}</span> <Moment at={one.at} />
                    </li>
                  ))}
                </ul>
              )}
            </Section>
            <div className="award-filters">
              <Segmented
                aria-label={t('audit.views')}
                value={view}
                onChange={(value) => show(value as typeof view)}
                options={views.map((value) => ({ value, label: t(`audit.view.${value}`) }))}
              />
              <Input
                ref={input}
                allowClear
                value={words}
                onChange={({ target }) => setWords(target.value)}
                placeholder={t('audit.search')}
                aria-label={t('audit.search')}
              />
            </div>
            <Table audit={audit} view={view} words={words} cycle={cycle.id} />
          </>
        )}
      </Answer>
    </>
  );
}

export function ReceivedPage() {
  const t = useWords();
  return <CyclePage title={t('audit.title')}>{(cycle) => <Received key={cycle.id} cycle={cycle} />}</CyclePage>;
}
