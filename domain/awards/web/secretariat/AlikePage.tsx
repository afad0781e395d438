// Proposals that say the same in the same words, the most contained first, passage beside passage: a person judges.
import type { AwardDuplicates } from '@console/api/schema';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { Answer, Blank } from '@console/ui/states';
import { Button } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { StagePill } from '../parts/stage';
import { useDuplicates } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useWords } from '../words';

type Pair = AwardDuplicates['pairs'][number];
const idOf = ({ a, b }: Pair) => `${a.id}-${b.id}`;
const share = (value: number) => `${Math.round(100 * value)} %`;

function PairView({ pair }: { pair: Pair }) {
  const t = useWords();
  return (
    <section className="alike-pair section" aria-label={`${pair.a.number} / ${pair.b.number}`}>
      <div className="alike-heads">
        {[pair.a, pair.b].map((one) => (
          <h2 key={one.id}>
            <Link to={`/awards/proposals/${one.id}`}>
              <span className="num">{one.number}</span> {one.title}
            </Link>{' '}
            <StagePill of={one} />
          </h2>
        ))}
      </div>
      {pair.passages.map((passage, i) => (
        <div key={i} className="alike-passages">
          <p className="answer-text">{passage.a}</p>
          <p className="answer-text">{passage.b}</p>
          <p className="muted num">{t('secretariat.alike.words', { n: passage.words })}</p>
        </div>
      ))}
    </section>
  );
}

function Pairs({ cycle }: { cycle: string }) {
  const t = useWords();
  const query = useDuplicates(cycle);
  const [params, setParams] = useSearchParams();
  const wanted = params.get('pair');
  const list = useListKeys(wanted ?? undefined);
  return (
    <Answer query={query} rows={8}>
      {(found) => {
        if (found.pairs.length === 0)
          return (
            <Blank title={t('secretariat.alike.none')} hint={t('secretariat.alike.noneHint', { n: found.proposals })} />
          );
        const chosen = found.pairs.find((pair) => idOf(pair) === wanted);
        return (
          <>
            <p className="muted">{t('secretariat.alike.hint', { n: found.total, of: found.proposals })}</p>
            <div className="section section-flush" ref={list}>
              <table className="groups">
                <thead>
                  <tr>
                    <th>{t('secretariat.alike.pair')}</th>
                    <th className="num">{t('secretariat.alike.contained')}</th>
                    <th className="num">{t('secretariat.alike.likeness')}</th>
                    <th className="num">{t('secretariat.alike.passages')}</th>
                    <th>{t('secretariat.alike.applicant')}</th>
                  </tr>
                </thead>
                <tbody>
                  {found.pairs.map((pair) => (
                    <tr key={idOf(pair)} aria-current={pair === chosen}>
                      <td className="wide">
                        <Button
                          type="link"
                          size="small"
                          data-row={idOf(pair)}
                          aria-expanded={pair === chosen}
                          onClick={() => setParams(pair === chosen ? {} : { pair: idOf(pair) }, { replace: true })}
                        >
                          {pair.a.number} {pair.a.title} — {pair.b.number} {pair.b.title}
                        </Button>
                      </td>
                      <td className="num">{share(pair.contained)}</td>
                      <td className="num">{share(pair.likeness)}</td>
                      <td className="num">{pair.passages.length}</td>
                      <td>
                        {pair.sameApplicant ? (
                          <Pill>{t('secretariat.alike.same')}</Pill>
                        ) : (
                          <Pill tone="alarm">{t('secretariat.alike.other')}</Pill>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {chosen && <PairView pair={chosen} />}
          </>
        );
      }}
    </Answer>
  );
}

export function AlikePage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.alike.title')}>{(cycle) => <Pairs key={cycle.id} cycle={cycle.id} />}</CyclePage>
  );
}
