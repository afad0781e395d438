// Prizes by vote: one voice for each prize, which may be given to another until the vote is counted.
import type { AwardCycle, AwardPrize } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Pill } from '@console/ui/marks';
import { Section } from '@console/ui/Page';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { App } from 'antd';
import { awardsApi, useChange, useNominations } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { PrizeList } from '../staff/PrizeList';
import { useWords } from '../words';

function Vote({ cycle, prize }: { cycle: AwardCycle; prize: AwardPrize }) {
  const t = useWords();
  const text = useText();
  const problem = useProblemText();
  const { message } = App.useApp();
  const query = useNominations(cycle.id, prize.id);
  const vote = useChange((nomination: string) => awardsApi.vote(cycle.id, prize.id, nomination));
  return (
    <Section title={text(prize.name)}>
      <p className="muted">{text(prize.description)}</p>
      <Answer query={query}>
        {({ nominations, mine }) =>
          nominations.length === 0 ? (
            <Blank title={t('jury.vote.none')} />
          ) : (
            <fieldset className="votes" aria-label={text(prize.name)} disabled={vote.isPending}>
              {nominations.map((one) => (
                <label
                  key={one.id}
                  className={`vote${mine?.includes(one.id) ? ' chosen' : ''}`}
                  data-nomination={one.id}
                >
                  <input
                    type="radio"
                    name={`vote-${prize.id}-${one.group}`}
                    checked={mine?.includes(one.id) ?? false}
                    onChange={() =>
                      vote.mutate(one.id, {
                        onSuccess: () => void message.success(t('jury.vote.taken', { name: one.name })),
                        onError: (error) => void message.error(problem(error)),
                      })
                    }
                  />
                  <span>
                    <strong>{one.name}</strong>{' '}
                    {one.group && (
                      <span className="muted">{text(prize.groups.find(({ id }) => id === one.group)?.name)}</span>
                    )}
                    {mine?.includes(one.id) && <Pill tone="ok">{t('jury.vote.mine')}</Pill>}
                    <span className="answer-text">{one.statement}</span>
                  </span>
                </label>
              ))}
            </fieldset>
          )
        }
      </Answer>
    </Section>
  );
}

export function VotesPage() {
  const t = useWords();
  return (
    <CyclePage title={t('jury.tabs.votes')}>
      {({ id }) => (
        <PrizeList id={id} hint={t('jury.vote.noPrizesHint')} lead={<p className="muted">{t('jury.vote.hint')}</p>}>
          {(cycle, prize) => <Vote cycle={cycle} prize={prize} />}
        </PrizeList>
      )}
    </CyclePage>
  );
}
