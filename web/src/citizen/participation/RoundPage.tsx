// A budget vote: what it is about, and the vote itself.
import { useParams } from 'react-router';
import type { Round } from '../../api/schema';
import { useText } from '../language';
import { Answer, Card, LinkButton, Page, Pill } from '../ui/parts';
import { useTimes } from '../ui/Time';
import { useAsk } from '../use_ask';
import { forum, proposalPhoto } from './api';
import { useMoney } from './money';
import { roundTone } from './RoundsPage';
import { Vote } from './Vote';
import { useVoteWords } from './vote_words';
import './participation.css';

export function ProjectList({ round }: { round: Round }) {
  const say = useVoteWords();
  const text = useText();
  const money = useMoney(round.currency);
  return (
    <ul className="projects">
      {round.projects.map((project) => (
        <li key={project.code} className="card project">
          {project.photo && (
            <img src={proposalPhoto(project.code, project.photo, 'thumb')} alt="" width={84} height={84} />
          )}
          <span className="stack-small">
            <strong>{project.title}</strong>
            <span className="row">
              <span className="numbers">{money(project.cost)}</span>
              {project.categoryName && <span className="muted small">{text(project.categoryName)}</span>}
            </span>
            <LinkButton kind="plain" to={`/c/proposals/${project.code}`}>
              {say('see')}
            </LinkButton>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Whole({ round }: { round: Round }) {
  const say = useVoteWords();
  const text = useText();
  const times = useTimes();
  const money = useMoney(round.currency);
  return (
    <>
      <p className="row">
        <Pill tone={roundTone(round.state)}>{say(`state_${round.state}`)}</Pill>
        <span className="muted small">
          {round.state === 'announced'
            ? say('opens', { at: times.exact(round.opensAt) })
            : say('closes', { at: times.exact(round.closesAt) })}
        </span>
      </p>
      {(round.text?.zh || round.text?.en) && <p className="as-written">{text(round.text)}</p>}
      <Card label={say('budget')}>
        <p className="fact">
          <span className="muted">{say('budget')}</span>
          <strong className="numbers big">{money(round.budget)}</strong>
        </p>
        {round.areaName && (
          <p className="fact">
            <span className="muted">{say('area')}</span>
            <span>{text(round.areaName)}</span>
          </p>
        )}
        <p>{round.method === 'approval' ? say('approval', { count: round.choices ?? 1 }) : say('knapsack')}</p>
        <p className="muted small">
          <strong>{say('decides', { rule: say(`rule_${round.decides}`) })}</strong>
          <br />
          {say(`explain_${round.decides}`)}
        </p>
      </Card>
      {round.state === 'counted' && (
        <LinkButton kind="solid" wide icon="next" to={`/c/rounds/${round.id}/count`}>
          {say('count')}
        </LinkButton>
      )}
      {round.state === 'voting' && round.key ? <Vote round={round} /> : <ProjectList round={round} />}
      <details className="card">
        <summary>{say('limits')}</summary>
        <p>{say('limitsText')}</p>
      </details>
    </>
  );
}

export function RoundPage() {
  const say = useVoteWords();
  const text = useText();
  const { id = '' } = useParams();
  const asked = useAsk(`round ${id}`, () => forum.round(id), { everyMs: 60_000 });
  return (
    <Page title={asked.data ? text(asked.data.name) : say('title')} back="/c/rounds">
      <Answer of={asked}>{(round) => <Whole round={round} />}</Answer>
    </Page>
  );
}
