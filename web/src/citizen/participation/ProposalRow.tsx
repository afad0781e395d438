// One proposal in a list: what, where it stands, how many want it.
import { Link } from 'react-router';
import type { CitizenProposal } from '../../api/schema';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Pill } from '../ui/parts';
import { proposalPhoto } from './api';
import { statusTone } from './status';
import { useForumWords } from './words';

export function SupportBar({ supporters, threshold }: { supporters: number; threshold: number }) {
  const share = Math.min(100, (100 * supporters) / Math.max(1, threshold));
  return (
    <span className="support-bar" aria-hidden="true">
      <span style={{ width: `${share}%` }} />
    </span>
  );
}

export function ProposalRow({ proposal }: { proposal: CitizenProposal }) {
  const say = useForumWords();
  const text = useText();
  const [first] = proposal.photos ?? [];
  return (
    <li className="proposal-row" data-code={proposal.code} data-status={proposal.status}>
      <Link to={`/c/proposals/${proposal.code}`}>
        {first && (
          <img src={proposalPhoto(proposal.code, first, 'thumb')} alt="" loading="lazy" width={84} height={84} />
        )}
        <span className="proposal-row-words">
          <strong>{proposal.title}</strong>
          <span className="row">
            <Pill tone={statusTone(proposal.status)}>{text(proposal.statusText)}</Pill>
            <span className="muted small">{text(proposal.categoryName)}</span>
          </span>
          {proposal.status === 'gathering' && (
            <SupportBar supporters={proposal.supporters} threshold={proposal.threshold} />
          )}
          <span className="muted small numbers">
            <Icon name="people" size={16} /> {say('supporters', { count: proposal.supporters })}
            {proposal.comments > 0 && ` · ${say('comments', { count: proposal.comments })}`}
            {typeof proposal.progress === 'number' && ` · ${say('progress', { percent: proposal.progress })}`}
          </span>
          {proposal.reason && <span className="small">{say('because', { why: proposal.reason })}</span>}
        </span>
        <Icon name="right" size={20} />
      </Link>
    </li>
  );
}
