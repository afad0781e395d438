// The budgets that residents vote on.
import { Link } from 'react-router';
import type { Round } from '../../api/schema';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Answer, Empty, Page, Pill, type Tone } from '../ui/parts';
import { Exact } from '../ui/Time';
import { useAsk } from '../use_ask';
import { forum } from './api';
import { useMoney } from './money';
import { useVoteWords } from './vote_words';
import './participation.css';

export const roundTone = (state: Round['state']): Tone =>
  state === 'voting' ? 'info' : state === 'counted' ? 'ok' : state === 'announced' ? 'warn' : 'rest';

function RoundRow({ round }: { round: Round }) {
  const say = useVoteWords();
  const text = useText();
  const money = useMoney(round.currency);
  return (
    <li className="card round-row" data-round={round.id}>
      <Link to={round.state === 'counted' ? `/c/rounds/${round.id}/count` : `/c/rounds/${round.id}`}>
        <span className="stack-small">
          <strong>{text(round.name)}</strong>
          <span className="row">
            <Pill tone={roundTone(round.state)}>{say(`state_${round.state}`)}</Pill>
            <span className="numbers">{money(round.budget)}</span>
            <span className="muted small">{say('projects', { count: round.projects.length })}</span>
          </span>
          <span className="muted small">
            <Exact at={round.opensAt} /> – <Exact at={round.closesAt} />
          </span>
        </span>
        <Icon name="right" size={20} />
      </Link>
    </li>
  );
}

export function RoundsPage() {
  const say = useVoteWords();
  const asked = useAsk('rounds', forum.rounds, { everyMs: 60_000 });
  return (
    <Page title={say('title')} lead={say('lead')} back="/c/proposals">
      <Answer of={asked}>
        {({ rounds }) =>
          rounds.length === 0 ? (
            <Empty icon="check">{say('none')}</Empty>
          ) : (
            <ul className="stack">
              {rounds.map((round) => (
                <RoundRow key={round.id} round={round} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Page>
  );
}
