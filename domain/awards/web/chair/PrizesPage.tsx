// Prizes without scores: how the jury has voted, the most voices first.
import type { AwardCycle, AwardPrize } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Pill } from '@console/ui/marks';
import { Section } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { Progress } from 'antd';
import { useNominations } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { PrizeList } from '../staff/PrizeList';
import { useWords } from '../words';

function Votes({ cycle, prize }: { cycle: AwardCycle; prize: AwardPrize }) {
  const t = useWords();
  const text = useText();
  const query = useNominations(cycle.id, prize.id);
  return (
    <Section
      title={text(prize.name)}
      tools={<span className="muted num">{t('chair.vote.winners', { n: prize.winners })}</span>}
    >
      <p className="muted">{text(prize.description)}</p>
      <Answer query={query}>
        {(found) => {
          const counts = found.counts ?? [];
          const most = Math.max(1, ...counts.flatMap(({ candidates }) => candidates.map((one) => one.votes)));
          if (found.nominations.length === 0) return <Blank title={t('chair.vote.none')} />;
          const named = new Map(found.nominations.map((one) => [one.id, one]));
          return counts.map(({ group, candidates }) => {
            return (
              <div key={group}>
                {group && <h3>{text(prize.groups.find(({ id }) => id === group)?.name)}</h3>}
                <ul className="nominations">
                  {candidates.map(({ nomination, votes, elected, tied }) => (
                    <li key={nomination}>
                      <strong>{named.get(nomination)?.name}</strong>{' '}
                      {elected && <Pill tone="ok">{t('chair.vote.ahead')}</Pill>}
                      {tied && <Pill tone="warn">{t('chair.vote.tied')}</Pill>}
                      <Progress
                        percent={Math.round((100 * votes) / most)}
                        size="small"
                        format={() => t('chair.vote.votes', { n: votes })}
                        aria-label={t('chair.vote.votes', { n: votes })}
                      />
                      <p className="answer-text muted">{named.get(nomination)?.statement}</p>
                    </li>
                  ))}
                </ul>
              </div>
            );
          });
        }}
      </Answer>
    </Section>
  );
}

export function PrizesPage() {
  const t = useWords();
  return (
    <CyclePage title={t('chair.tabs.prizes')}>
      {({ id }) => <PrizeList id={id}>{(cycle, prize) => <Votes cycle={cycle} prize={prize} />}</PrizeList>}
    </CyclePage>
  );
}
