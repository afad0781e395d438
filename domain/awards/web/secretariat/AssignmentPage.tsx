// Who reviews what: proposed, looked at, altered, and only then made. Each pair says how well the juror knows the matter, each
// gap what stands in the way; whether scores can be compared at all is measured.
import type { AwardAssignment, AwardAssignmentRow, AwardCycle, AwardJuror } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Pill } from '@console/ui/marks';
import { Facts, Section } from '@console/ui/Page';
import { Answer, Blank, Loading, useProblemText } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { Alert, App, Button, Input, Modal, Progress, Select } from 'antd';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { awardsApi, useAssignmentRows, useChange, useJurors, useWholeCycle } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useWords } from '../words';
import { loadsOf, type Wishes, wish } from './assignment_rows';

const hundred = (share: number) => Math.round(100 * share);

// Puts a juror on a proposal by hand; where one is barred it is said why all the same.
function AddPair(props: {
  row: AwardAssignmentRow;
  jurors: readonly AwardJuror[];
  done: (juror: string, why: string) => void;
  close: () => void;
}) {
  const { row, jurors, done, close } = props;
  const t = useWords();
  const [juror, choose] = useState('');
  const [why, setWhy] = useState('');
  const bar = row.bars.find((one) => one.juror === juror);
  const free = jurors.filter(({ account }) => !row.pairs.some((one) => one.juror === account));
  return (
    <Modal
      open
      title={t('secretariat.assign.addTitle', { number: row.number })}
      onCancel={close}
      okText={t('secretariat.assign.add')}
      cancelText={t('staff.cancel')}
      okButtonProps={{ disabled: !juror || (bar !== undefined && !why.trim()) }}
      onOk={() => done(juror, why.trim())}
    >
      <Select
        className="wide-choice"
        aria-label={t('secretariat.assign.juror')}
        placeholder={t('secretariat.assign.juror')}
        value={juror || undefined}
        onChange={choose}
        options={free.map(({ account, name }) => {
          const barred = row.bars.find((one) => one.juror === account);
          return {
            value: account,
            label: barred ? `${name} · ${t(`secretariat.bar.${barred.why as 'own'}`)}` : name,
          };
        })}
      />
      {bar && (
        <>
          <Alert
            type="warning"
            showIcon
            title={t('secretariat.assign.barred', { why: t(`secretariat.bar.${bar.why as 'own'}`), what: bar.what })}
          />
          <Input.TextArea
            rows={3}
            value={why}
            onChange={({ target }) => setWhy(target.value)}
            aria-label={t('secretariat.assign.inSpite')}
            placeholder={t('secretariat.assign.inSpite')}
          />
        </>
      )}
    </Modal>
  );
}

function Lack({ row }: { row: AwardAssignmentRow }) {
  const t = useWords();
  if (!row.lack) return null;
  const { needed, got, barred, poorMatch, loaded } = row.lack;
  const why = [
    ...Object.entries(barred)
      .filter(([, n]) => n > 0)
      .map(([name, n]) => `${t(`secretariat.bar.${name as 'own'}`)} ${n}`),
    ...(loaded ? [t('secretariat.assign.loaded', { n: loaded })] : []),
    ...(poorMatch ? [t('secretariat.assign.poor', { n: poorMatch })] : []),
  ];
  return (
    <p className="lack">
      <Pill tone="alarm">{t('secretariat.assign.lack', { got, needed })}</Pill>{' '}
      <span className="muted">{why.join(' · ')}</span>
    </p>
  );
}

function Rows(props: {
  cycle: AwardCycle;
  jurors: readonly AwardJuror[];
  wishes: Wishes;
  setWishes: (wishes: Wishes) => void;
}) {
  const { cycle, jurors, wishes, setWishes } = props;
  const t = useWords();
  const text = useText();
  const [adding, add] = useState<AwardAssignmentRow | null>(null);
  const [search, setSearch] = useState('');
  const query = useAssignmentRows(cycle.id, search);
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const names = useMemo(() => new Map(jurors.map(({ account, name }) => [account, name])), [jurors]);
  const nameOf = (account: string) => names.get(account) ?? account;
  return (
    <Section
      flush
      title={t('secretariat.assign.pairs')}
      tools={
        <>
          <Input.Search
            allowClear
            size="small"
            className="row-search"
            placeholder={t('secretariat.list.search')}
            aria-label={t('secretariat.list.search')}
            onSearch={setSearch}
          />
          <span className="muted num">{t('secretariat.list.total', { n: query.data?.pages[0]?.total ?? 0 })}</span>
        </>
      }
    >
      <TableScroll label={t('secretariat.assign.pairs')}>
        <table className="groups assignment">
          <thead>
            <tr>
              <th>{t('staff.number')}</th>
              <th>{t('staff.title')}</th>
              <th>{t('secretariat.assign.reviewers')}</th>
              <th className="num">{t('secretariat.assign.bars')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id} data-proposal={row.number}>
                <td className="num">{row.number}</td>
                <td className="wide">
                  <Link to={`/awards/proposals/${row.id}`}>{row.title || t('staff.untitled')}</Link>
                  <br />
                  <span className="muted">{text(cycle.categories.find(({ id }) => id === row.category)?.name)}</span>
                  <Lack row={row} />
                </td>
                <td className="wide">
                  <ul className="reviewers">
                    {row.pairs.map((pair) => (
                      <li key={pair.juror}>
                        {nameOf(pair.juror)}{' '}
                        <span
                          className="muted num"
                          title={t('secretariat.assign.matchHint')}
                        >{`${hundred(pair.match)} %`}</span>
                        {pair.fixed && <Pill>{t('secretariat.assign.fixed')}</Pill>}
                        {pair.kept && !pair.fixed && <Pill>{t('secretariat.assign.kept')}</Pill>}
                        <Button
                          size="small"
                          type="text"
                          aria-label={t('secretariat.assign.removeOf', {
                            name: nameOf(pair.juror),
                            number: row.number,
                          })}
                          disabled={
                            pair.fixed &&
                            !wishes.fixed.some((one) => one.proposal === row.id && one.juror === pair.juror)
                          }
                          onClick={() => setWishes(wish(wishes, 'forbidden', row.id, pair.juror))}
                        >
                          {t('secretariat.assign.remove')}
                        </Button>
                      </li>
                    ))}
                    <li>
                      <Button size="small" type="dashed" onClick={() => add(row)}>
                        {t('secretariat.assign.addShort')}
                      </Button>
                    </li>
                  </ul>
                </td>
                <td className="num">
                  {row.bars.length > 0 ? (
                    <details className="bars">
                      <summary>{row.bars.length}</summary>
                      <ul>
                        {row.bars.map((bar, i) => (
                          <li key={i}>
                            {nameOf(bar.juror)}: {t(`secretariat.bar.${bar.why as 'own'}`)}{' '}
                            {bar.what && `(${bar.what})`}
                          </li>
                        ))}
                      </ul>
                    </details>
                  ) : (
                    '—'
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {query.hasNextPage && (
        <p className="section-note">
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-act="more">
            {t('secretariat.list.more')}
          </Button>
        </p>
      )}
      {adding && (
        <AddPair
          row={adding}
          jurors={jurors}
          close={() => add(null)}
          done={(juror, why) => {
            setWishes(wish(wishes, 'fixed', adding.id, juror, why));
            add(null);
          }}
        />
      )}
    </Section>
  );
}

function Made({ made, jurors }: { made: AwardAssignment; jurors: readonly AwardJuror[] }) {
  const t = useWords();
  const loads = loadsOf(made, jurors);
  const mean = made.reviews ? made.matchSum / made.reviews : 0;
  return (
    <div className="columns">
      <Section title={t('secretariat.assign.measured')}>
        <Facts
          rows={[
            [t('secretariat.assign.reviews'), <span className="num">{made.reviews}</span>],
            [
              t('secretariat.assign.lacking'),
              made.lacking ? <Pill tone="alarm">{made.lacking}</Pill> : <Pill tone="ok">0</Pill>,
            ],
            [t('secretariat.assign.meanMatch'), <span className="num">{hundred(mean)} %</span>],
            [
              t('secretariat.assign.connectivity'),
              <>
                <span className="num">{made.connectivity.toFixed(2)}</span>{' '}
                <Pill tone={made.linked ? 'ok' : 'alarm'}>
                  {t(made.linked ? 'secretariat.assign.linked' : 'secretariat.assign.notLinked')}
                </Pill>
              </>,
            ],
            [t('secretariat.assign.parts'), <span className="num">{made.parts}</span>],
          ]}
        />
        <p className="muted">{t('secretariat.assign.connectivityHint')}</p>
      </Section>
      <Section title={t('secretariat.assign.loads')}>
        <ul className="jury-progress">
          {loads.map((one) => (
            <li key={one.account}>
              <span>{one.name}</span>
              <Progress
                percent={one.max ? Math.min(100, hundred(one.count / one.max)) : 0}
                showInfo={false}
                size="small"
                status={one.count >= one.max ? 'exception' : 'normal'}
                aria-label={t('secretariat.assign.loadOf', { n: one.count, max: one.max })}
              />
              <span className="num muted">
                {one.count}/{one.max} · {hundred(one.match)} %
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </div>
  );
}

function Assign({ cycle, jurors }: { cycle: AwardCycle; jurors: readonly AwardJuror[] }) {
  const t = useWords();
  const problem = useProblemText();
  const { modal, message } = App.useApp();
  const [wishes, keepWishes] = useState<Wishes>({ fixed: [], forbidden: [] });
  const {
    mutate,
    mutateAsync,
    data: made,
    error,
    isPending,
  } = useChange((given: Wishes & { commit: boolean }) => awardsApi.assign(cycle.id, given));
  const propose = (given: Wishes) => {
    keepWishes(given);
    mutate({ ...given, commit: false });
  };
  const commit = () =>
    modal.confirm({
      title: t('secretariat.assign.commitTitle'),
      content: t('secretariat.assign.commitHint', { n: made?.reviews ?? 0, lacking: made?.lacking ?? 0 }),
      okText: t('secretariat.assign.commit'),
      cancelText: t('staff.cancel'),
      onOk: () =>
        mutateAsync({ ...wishes, commit: true }).then(
          () => {
            keepWishes({ fixed: [], forbidden: [] });
            void message.success(t('secretariat.assign.committed'));
          },
          (failed: unknown) => void message.error(problem(failed)),
        ),
    });
  const altered = wishes.fixed.length + wishes.forbidden.length;
  return (
    <>
      <div className="award-steps" role="toolbar" aria-label={t('secretariat.tabs.assignment')}>
        <Button
          type={made ? 'default' : 'primary'}
          loading={isPending}
          onClick={() => propose(wishes)}
          data-act="propose"
        >
          {t('secretariat.assign.propose')}
        </Button>
        {made && (
          <Button type="primary" disabled={isPending || made.committed} onClick={commit} data-act="commit">
            {t('secretariat.assign.commit')}
          </Button>
        )}
        {altered > 0 && (
          <Button onClick={() => propose({ fixed: [], forbidden: [] })}>
            {t('secretariat.assign.takeBack', { n: altered })}
          </Button>
        )}
        <span className="muted" role="status">
          {made?.committed ? t('secretariat.assign.committed') : made ? t('secretariat.assign.onlyProposed') : ''}
        </span>
      </div>
      {error !== null && <Alert type="error" showIcon title={problem(error)} />}
      {!made && isPending && <Loading rows={10} />}
      {!made && !isPending && error === null && (
        <Blank
          title={t('secretariat.assign.notYet')}
          hint={t('secretariat.assign.notYetHint', { n: jurors.length, each: cycle.reviewers ?? 0 })}
        />
      )}
      {made && (
        <>
          <Made made={made} jurors={jurors} />
          <Rows cycle={cycle} jurors={jurors} wishes={wishes} setWishes={propose} />
        </>
      )}
    </>
  );
}

function Whole({ id }: { id: string }) {
  const cycle = useWholeCycle(id);
  const jurors = useJurors(id);
  return (
    <Answer query={cycle}>
      {(whole) => <Answer query={jurors}>{(found) => <Assign cycle={whole} jurors={found.jurors} />}</Answer>}
    </Answer>
  );
}

export function AssignmentPage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.assignment')}>{(cycle) => <Whole key={cycle.id} id={cycle.id} />}</CyclePage>
  );
}
