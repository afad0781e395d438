// One round: where it stands in time, how many have taken part, what can be voted for, and what was counted.
import { LockOutlined } from '@ant-design/icons';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Round } from '../api/schema';
import { useLanguage, useText } from '../i18n';
import { Moment } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { Facts } from '../ui/Page';
import { TableScroll } from '../ui/TableScroll';
import { useCityNow } from '../ui/ticker';
import { spanText } from '../ui/time';
import { RoundCountView } from './RoundCountView';
import { moneyText } from './round_form';

export const roundTones = { announced: 'plain', voting: 'ok', counting: 'warn', counted: 'plain' } as const;

const phases = ['announced', 'voting', 'counting'] as const;

function Phases({ round }: { round: Round }) {
  const { t } = useTranslation();
  const now = useCityNow();
  const [opens, closes] = [Date.parse(round.opensAt), Date.parse(round.closesAt)];
  const at = round.state === 'counted' ? phases.length : phases.indexOf(round.state);
  const left = { announced: opens - now, voting: closes - now, counting: 0 };
  return (
    <ol className="round-phases" aria-label={t('round.phases')}>
      {phases.map((phase, i) => (
        <li key={phase} data-phase={phase} aria-current={i === at ? 'step' : undefined} data-done={i < at}>
          <strong>{t(`roundPhase.${phase}`)}</strong>
          <span className="muted">
            {phase === 'announced' && t('round.until')} {phase === 'announced' && <Moment at={round.opensAt} />}
            {phase === 'voting' && t('round.until')} {phase === 'voting' && <Moment at={round.closesAt} />}
            {phase === 'counting' && t('round.atClose')}
          </span>
          {i === at && left[phase] > 0 && <span>{t('round.left', { span: spanText(left[phase]) })}</span>}
        </li>
      ))}
    </ol>
  );
}

// How many, never how: nobody can see that before the count.
function Turnout({ round }: { round: Round }) {
  const { t } = useTranslation();
  const { codes, issued, cast } = round;
  if (codes === undefined) return null;
  if (codes === 0)
    return (
      <p className="round-codes">
        {t('round.noCodes')}{' '}
        <code>cityloop ballot codes --data DATA --round {round.id} --count N &gt; letters.csv</code>
      </p>
    );
  if (issued === undefined || cast === undefined) return null;
  const share = Math.round((1000 * issued) / codes) / 10;
  return (
    <section className="round-turnout" aria-label={t('round.turnout')}>
      <h3>{t('round.turnout')}</h3>
      <Progress percent={share} aria-label={t('round.turnout')} />
      <p>{t('round.turnoutSaid', { issued, codes, cast })}</p>
      {round.state === 'voting' && <p className="muted">{t('round.secret')}</p>}
    </section>
  );
}

function Projects({ round }: { round: Round }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const sum = round.projects.reduce((all, each) => all + each.cost, 0);
  const money = (amount: number) => moneyText(amount, round.currency, language);
  return (
    <section>
      <h3>{t('round.projects', { n: round.projects.length })}</h3>
      {round.projects.length === 0 && <p className="muted">{t('round.noProjects')}</p>}
      {round.projects.length > 0 && (
        <>
          <TableScroll label={t('round.projects', { n: round.projects.length })}>
            <table className="groups">
              <thead>
                <tr>
                  <th scope="col">{t('round.project')}</th>
                  <th scope="col">{t('round.code')}</th>
                  <th scope="col" className="num">
                    {t('round.cost')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {round.projects.map((project) => (
                  <tr key={project.code}>
                    <th scope="row">
                      <a href={`/c/proposals/${encodeURIComponent(project.code)}`} target="_blank" rel="noreferrer">
                        {project.title}
                      </a>
                    </th>
                    <td>
                      <Link to={`/cases?q=${encodeURIComponent(project.code)}`}>
                        <code>{project.code}</code>
                      </Link>
                    </td>
                    <td className="num">{money(project.cost)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
          <p className="muted">{t('round.together', { sum: money(sum), budget: money(round.budget) })}</p>
        </>
      )}
      {round.state === 'announced' && <p className="muted">{t('round.admitting')}</p>}
    </section>
  );
}

export function RoundDetail({ round, open }: { round: Round; open: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const actor = useActor();
  const language = useLanguage();
  const fast = round.state !== 'announced';
  return (
    <article className="detail round" data-round={round.id}>
      <header className="detail-head">
        <h2>{text(round.name)}</h2>
        <Pill tone={roundTones[round.state]}>{t(`roundState.${round.state}`)}</Pill>
        <code>{round.id}</code>
        <span className="detail-tools">
          <a href={`/c/rounds/${encodeURIComponent(round.id)}`} target="_blank" rel="noreferrer">
            {t('round.publicPage')}
          </a>
          {round.mayHold && (
            <Button size="small" onClick={open} data-act={fast ? 'see-terms' : 'change-round'}>
              {t(fast ? 'round.terms' : 'round.change')}
              <kbd>e</kbd>
            </Button>
          )}
        </span>
      </header>
      <Phases round={round} />
      {round.text && <p className="thread-text">{text(round.text)}</p>}
      <Turnout round={round} />
      <Facts
        rows={[
          [t('round.budget'), moneyText(round.budget, round.currency, language)],
          [t('case.area'), text(round.areaName) || t('round.wholeCity')],
          [t('round.method'), t(`roundMethod.${round.method}`)],
          ...(round.method === 'approval' ? ([[t('round.choices'), round.choices ?? '—']] as [string, number][]) : []),
          [t('round.decides'), t(`countRule.${round.decides}`)],
          ...(round.codes === undefined ? [] : ([[t('round.codes'), round.codes]] as [string, number][])),
          ...(round.by ? ([[t('round.by'), actor(round.by)]] as [string, string][]) : []),
        ]}
      />
      {fast && (
        <p className="muted">
          <LockOutlined aria-hidden /> {t('round.allFast')}
        </p>
      )}
      {round.state === 'counted' ? <RoundCountView id={round.id} /> : <Projects round={round} />}
    </article>
  );
}
