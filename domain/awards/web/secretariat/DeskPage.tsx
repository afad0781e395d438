// Where a cycle stands: its stages and what closes next, how many proposals are where and whom they wait for, how far the
// jury is. Every number opens the list behind it.
import type { AwardCycle, AwardDesk } from '@console/api/schema';
import { useLanguage, useText } from '@console/i18n';
import { saveFile } from '@console/ui/files';
import { useListKeys } from '@console/ui/list_keys';
import { Section } from '@console/ui/Page';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { dateTime, spanText } from '@console/ui/time';
import { App, Button, Progress } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { useStageName } from '../parts/stage';
import { lastMinute } from '../parts/zone';
import { awardsApi, useDesk } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { StageBar } from '../staff/StageBar';
import { deadlines, proposalStages, type Waiting, waitsFor } from '../staff/stages';
import { useCycle } from '../staff/use_cycle';
import { useWords } from '../words';

const listOf = (query: Record<string, string>) => `/awards/proposals?${new URLSearchParams(query)}`;

export function countsByWaiting(stages: Record<string, number>): Map<Waiting, [string, number][]> {
  const out = new Map<Waiting, [string, number][]>();
  for (const stage of proposalStages) {
    const count = stages[stage] ?? 0;
    if (count === 0) continue;
    const who = waitsFor(stage);
    out.set(who, [...(out.get(who) ?? []), [stage, count]]);
  }
  return out;
}

function Waits({ desk }: { desk: AwardDesk }) {
  const t = useWords();
  const name = useStageName();
  const list = useListKeys(undefined);
  const all = countsByWaiting(desk.stages);
  const order: Waiting[] = ['secretariat', 'applicant', 'jurors', 'chair', 'nobody'];
  if (all.size === 0) return <Blank title={t('secretariat.desk.nothing')} hint={t('secretariat.desk.nothingHint')} />;
  return (
    <div className="waits" ref={list}>
      {order
        .filter((who) => all.has(who))
        .map((who) => (
          <section key={who} className={`wait wait-${who}`}>
            <h3>
              {who === 'nobody'
                ? t('staff.waits.nobody')
                : t('secretariat.desk.waitsFor', { who: t(`staff.waits.${who}`) })}
            </h3>
            <ul>
              {all.get(who)?.map(([stage, count]) => (
                <li key={stage}>
                  <Link to={listOf({ stage })} data-row={stage}>
                    <strong className="num">{count}</strong> {name(stage)}
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}

function Categories({ desk }: { desk: AwardDesk }) {
  const t = useWords();
  const name = useStageName();
  const text = useText();
  const shown = proposalStages.filter((stage) => Object.values(desk.categories).some((row) => (row[stage] ?? 0) > 0));
  const rows = desk.cycle.categories.filter(({ id }) => desk.categories[id]);
  if (rows.length === 0) return null;
  return (
    <Section flush title={t('secretariat.desk.byCategory')}>
      <TableScroll label={t('secretariat.desk.byCategory')}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('staff.category')}</th>
              {shown.map((stage) => (
                <th key={stage} className="num">
                  {name(stage)}
                </th>
              ))}
              <th className="num">{t('staff.all')}</th>
              <th className="num">{t('secretariat.desk.applicants')}</th>
              <th className="num">{t('secretariat.desk.cases')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, name: of }) => {
              const row = desk.categories[id] ?? {};
              const total = shown.reduce((sum, stage) => sum + (row[stage] ?? 0), 0);
              return (
                <tr key={id}>
                  <th>{text(of)}</th>
                  {shown.map((stage) => (
                    <td key={stage} className="num">
                      {row[stage] ? (
                        <Link to={listOf({ category: id, stage })}>{row[stage]}</Link>
                      ) : (
                        <span className="muted">·</span>
                      )}
                    </td>
                  ))}
                  <td className="num">
                    <Link to={listOf({ category: id })}>{total}</Link>
                  </td>
                  <td className="num">{desk.size.categories[id]?.applicants ?? 0}</td>
                  <td className="num">{desk.size.categories[id]?.cases ?? 0}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableScroll>
      {desk.stages.draft ? (
        <p className="muted section-note">{t('secretariat.desk.drafts', { n: desk.stages.draft })}</p>
      ) : null}
    </Section>
  );
}

function Size({ desk }: { desk: AwardDesk }) {
  const t = useWords();
  const { proposals, applicants, cases } = desk.size;
  return (
    <p className="desk-size" data-size={proposals}>
      <Link to={listOf({})}>{t('secretariat.desk.size', { proposals, applicants, cases })}</Link>
    </p>
  );
}

function Deadlines({ cycle, now }: { cycle: AwardCycle; now: number }) {
  const t = useWords();
  const text = useText();
  const language = useLanguage();
  const open = deadlines(
    [{ ...cycle.entry, id: 'entry', name: { zh: t('staff.entry'), en: t('staff.entry') } }, ...cycle.stages],
    now,
  );
  return (
    <Section title={t('secretariat.desk.deadlines')}>
      {open.length === 0 && <p className="muted">{t('secretariat.desk.noDeadlines')}</p>}
      <ul className="deadlines">
        {open.map((one) => {
          const left = Date.parse(one.closes ?? '') - now;
          return (
            <li key={one.id} className={left < 3 * 86_400_000 ? 'soon' : ''}>
              <strong>{text(one.name)}</strong>
              <time dateTime={one.closes ?? ''} className="num muted">
                {dateTime(lastMinute(Date.parse(one.closes ?? '')), language, false)}
              </time>
              <span className="num">{t('staff.left', { span: spanText(left) })}</span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Jury({ desk }: { desk: AwardDesk }) {
  const t = useWords();
  const sheets = desk.jurors.reduce((sum, one) => sum + one.sheets, 0);
  const done = desk.jurors.reduce((sum, one) => sum + one.handedIn, 0);
  return (
    <Section
      title={t('secretariat.desk.jury')}
      tools={<span className="muted num">{t('secretariat.desk.handedIn', { done, all: sheets })}</span>}
    >
      {desk.jurors.length === 0 ? (
        <Blank title={t('secretariat.jurors.none')}>
          <Link to="/awards/jurors">{t('secretariat.tabs.jurors')}</Link>
        </Blank>
      ) : (
        <ul className="jury-progress">
          {desk.jurors.map(({ account, name, sheets: all, handedIn }) => (
            <li key={account}>
              <span>{name}</span>
              <Progress
                percent={all ? Math.round((100 * handedIn) / all) : 0}
                showInfo={false}
                size="small"
                aria-label={t('secretariat.desk.handedIn', { done: handedIn, all })}
              />
              <span className="num muted">
                {handedIn}/{all}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Export({ cycle }: { cycle: string }) {
  const t = useWords();
  const problem = useProblemText();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    awardsApi
      .exportZip(cycle)
      .then((file) => saveFile(file, `${cycle}.zip`))
      .catch((error) => message.error(problem(error)))
      .finally(() => setBusy(false));
  };
  return (
    <Button loading={busy} onClick={run} data-act="export" title={t('secretariat.desk.exportHint')}>
      {t('secretariat.desk.export')}
    </Button>
  );
}

function Body({ id, now }: { id: string; now: number }) {
  const t = useWords();
  const query = useDesk(id);
  return (
    <Answer query={query} rows={10}>
      {(desk) => (
        <>
          <StageBar cycle={desk.cycle} now={now} />
          <Size desk={desk} />
          <Section title={t('secretariat.desk.waits')}>
            <Waits desk={desk} />
          </Section>
          <Categories desk={desk} />
          <div className="columns">
            <Deadlines cycle={desk.cycle} now={now} />
            <Jury desk={desk} />
          </div>
        </>
      )}
    </Answer>
  );
}

export function DeskPage() {
  const t = useWords();
  const { cycle: chosen } = useCycle();
  return (
    <CyclePage title={t('secretariat.desk.title')} tools={chosen && <Export cycle={chosen.id} />}>
      {(cycle, now) => <Body key={cycle.id} id={cycle.id} now={now} />}
    </CyclePage>
  );
}
