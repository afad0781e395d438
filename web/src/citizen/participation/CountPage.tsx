// What came of a vote: who was elected by which rule, how each step was reckoned, and one's own ballot among all.
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { get } from '../../api/http';
import type { BallotFile, CountResult, CountRule, RoundCount } from '../../api/schema';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Answer, Button, Card, Notice, Page, Pill } from '../ui/parts';
import { useAsk } from '../use_ask';
import { ballotsPath, forum } from './api';
import { useMoney } from './money';
import { findBallot } from './Vote';
import { readVote } from './vote_store';
import { useVoteWords } from './vote_words';
import './participation.css';

// Each project as a bar as long as its votes; elected ones in full colour. A touch opens the proposal behind it.
function Bars({ count, result }: { count: RoundCount; result: CountResult }) {
  const say = useVoteWords();
  const money = useMoney(count.currency);
  const most = Math.max(1, ...result.steps.map((step) => step.votes));
  const title = (code: string) => count.projects.find((each) => each.code === code)?.title ?? code;
  const sorted = [...result.steps].sort((a, b) => Number(b.chosen) - Number(a.chosen) || b.votes - a.votes);
  return (
    <ul className="bars">
      {sorted.map((step) => (
        <li
          key={step.code}
          className={step.chosen ? 'is-elected' : ''}
          data-elected={step.chosen}
          data-code={step.code}
        >
          <Link to={`/c/proposals/${step.code}`}>
            <span className="bar-head">
              <span>
                {step.chosen && <Icon name="check" size={18} />} {title(step.code)}
              </span>
              <span className="numbers">{money(step.cost)}</span>
            </span>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${(100 * step.votes) / most}%` }} />
            </span>
            <span className="bar-foot small">
              <span className="numbers">{say('votes', { count: step.votes })}</span>
              <span>{say(`why_${step.why}`)}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

// The budget as one strip, in the order in which it was spent.
function Purse({ count, result }: { count: RoundCount; result: CountResult }) {
  const say = useVoteWords();
  const money = useMoney(count.currency);
  const budget = count.budget ?? 0;
  const elected = result.steps.filter((step) => step.chosen);
  return (
    <div className="stack-small">
      <div
        className="purse"
        role="img"
        aria-label={say('spent', { spent: money(result.spent), budget: money(budget) })}
      >
        {elected.map((step) => (
          <span key={step.code} style={{ width: `${(100 * step.cost) / Math.max(1, budget)}%` }} />
        ))}
      </div>
      <p className="muted small numbers">{say('spent', { spent: money(result.spent), budget: money(budget) })}</p>
    </div>
  );
}

function Reckoning({ count, result }: { count: RoundCount; result: CountResult }) {
  const say = useVoteWords();
  const money = useMoney(count.currency);
  return (
    <details className="card">
      <summary>{say('steps')}</summary>
      <ol className="reckoning">
        {result.steps.map((step) => (
          <li key={step.code}>
            <strong>{count.projects.find((each) => each.code === step.code)?.title ?? step.code}</strong>
            <span className="muted small">
              {say('votes', { count: step.votes })} · {money(step.cost)} · {say(`why_${step.why}`)}
            </span>
            {typeof step.effective === 'number' && (
              <span className="muted small">
                {say('effective', {
                  n: step.effective.toFixed(2),
                  each: money(Math.round((step.each ?? 0) * 100) / 100),
                })}
              </span>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Mine({ id, count }: { id: string; count: RoundCount }) {
  const say = useVoteWords();
  const [said, setSaid] = useState<{ tone: 'ok' | 'bad'; text: string } | null>(null);
  const vote = readVote(id);
  const look = async () => {
    if (!vote) return;
    const file = await get<BallotFile>(ballotsPath(id));
    const choices = await findBallot(file.ballots, vote);
    const titles = choices?.map((code) => count.projects.find((each) => each.code === code)?.title ?? code);
    if (!titles) setSaid({ tone: 'bad', text: say('mineGone') });
    else
      setSaid({
        tone: 'ok',
        text: titles.length ? say('mineFound', { choices: titles.join(', ') }) : say('mineEmpty'),
      });
  };
  return (
    <Card label={say('recount')}>
      <h2>{say('recount')}</h2>
      <p>{say('recountLead')}</p>
      <code className="ballot-number">{count.sha256}</code>
      <div className="row">
        <a className="button button-soft" href={ballotsPath(id)} download={`ballots-${id}.json`}>
          <Icon name="list" size={22} /> <span>{say('download')}</span>
        </a>
        {vote?.cast && (
          <Button kind="solid" icon="eye" onClick={() => void look()} data-act="find-mine">
            {say('findMine')}
          </Button>
        )}
      </div>
      {said && (
        <Notice tone={said.tone} urgent>
          {said.text}
        </Notice>
      )}
    </Card>
  );
}

function Whole({ id, count }: { id: string; count: RoundCount }) {
  const say = useVoteWords();
  const [rule, setRule] = useState<CountRule>(count.decides);
  const result = count.results.find((each) => each.rule === rule);
  if (!result) return null;
  const percent = count.cast ? Math.round((100 * (result.happy ?? 0)) / count.cast) : 0;
  return (
    <>
      <p className="numbers">{say('turnout', { cast: count.cast, issued: count.issued })}</p>
      <Card label={say('compare')}>
        <h2>{say('compare')}</h2>
        <p className="muted small">{say('compareLead')}</p>
        <div className="choice-rows" role="radiogroup" aria-label={say('compare')}>
          {count.results.map((each) => (
            <label key={each.rule} className="choice">
              <input type="radio" name="rule" checked={rule === each.rule} onChange={() => setRule(each.rule)} />
              <span>
                <span className="choice-label">
                  {say(`rule_${each.rule}`)} {each.rule === count.decides && <Pill tone="ok">{say('decided')}</Pill>}
                </span>
                <span className="muted small">{say(`explain_${each.rule}`)}</span>
              </span>
            </label>
          ))}
        </div>
      </Card>
      <Purse count={count} result={result} />
      <p className="numbers" role="status">
        {say('happy', { n: result.happy ?? 0, percent })}
      </p>
      <Bars count={count} result={result} />
      <Reckoning count={count} result={result} />
      <Mine id={id} count={count} />
    </>
  );
}

export function CountPage() {
  const say = useVoteWords();
  const text = useText();
  const { id = '' } = useParams();
  const round = useAsk(`round ${id}`, () => forum.round(id));
  const asked = useAsk(`count ${id}`, () => forum.count(id));
  return (
    <Page title={round.data ? `${text(round.data.name)} · ${say('countTitle')}` : say('countTitle')} back="/c/rounds">
      <Answer of={asked}>{(count) => <Whole id={id} count={count} />}</Answer>
    </Page>
  );
}
