// Other cases that may be about the same, what speaks for it, and one click to make them one; and those that are one
// already, each to be parted again.
import { useQueries } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Case } from '../api/schema';
import { useText, useWord } from '../i18n';
import { Section } from '../ui/Page';
import { spanText } from '../ui/time';
import { shortId } from '../ui/values';
import { incomingOf, type SimilarCase } from './incoming';
import { CaseStatePill } from './parts';
import { useStep } from './use_step';

// "40 m away · 2 h earlier · same kind · words 81 % alike"
function useReasons(): (other: SimilarCase) => string {
  const { t } = useTranslation();
  return ({ distanceM = -1, earlierS, sameKind, text = -1 }) => {
    const said: string[] = [];
    if (distanceM >= 0)
      said.push(
        distanceM < 1000
          ? t('similar.metres', { n: Math.round(distanceM) })
          : t('similar.km', { n: (distanceM / 1000).toFixed(1) }),
      );
    if (earlierS !== undefined)
      said.push(t(earlierS >= 0 ? 'similar.earlier' : 'similar.later', { t: spanText(Math.abs(earlierS) * 1000) }));
    if (sameKind) said.push(t('similar.kind'));
    if (text >= 0) said.push(t('similar.text', { p: Math.round(text * 100) }));
    return said.join(' · ');
  };
}

function Row(props: { other: Case | undefined; id: string; why?: string; children?: React.ReactNode }) {
  const text = useText();
  const { other, id, why, children } = props;
  return (
    <li className="similar" data-similar={id}>
      <div>
        <Link to={`/cases/${encodeURIComponent(id)}`}>{other ? text(other.title) : shortId(id)}</Link>{' '}
        {other && <CaseStatePill state={other.state} name={other.stateName} />}
        {other?.aboutName && <span className="muted"> {other.aboutName}</span>}
        {why && <p className="muted">{why}</p>}
      </div>
      {children}
    </li>
  );
}

export function Similar({ item }: { item: Case }) {
  const { t } = useTranslation();
  const word = useWord();
  const reasons = useReasons();
  const { similar = [], merged = [] } = incomingOf(item);
  const ids = [...similar.map((other) => other.id), ...merged];
  const others = useQueries({
    queries: ids.map((id) => ({ queryKey: keys.case(id), queryFn: () => api.case(id), retry: false })),
  });
  const step = useStep(item.id, () => undefined);
  const may = (verb: string) => item.actions.some((action) => action.verb === verb);
  const act = (verb: string, id: string) =>
    step.mutate({ verb, name: word('verb', verb), fields: { [verb === 'merge' ? 'into' : 'case']: id } });
  const found = (id: string) => others[ids.indexOf(id)]?.data;
  if (ids.length === 0) return null;
  return (
    <Section title={t('similar.title')}>
      <ul className="case-list">
        {similar
          .filter((other) => !merged.includes(other.id))
          .map((other) => (
            <Row key={other.id} id={other.id} other={found(other.id)} why={reasons(other)}>
              <span className="request-decide">
                <span className="num muted">{Math.round(other.score * 100)} %</span>
                {may('merge') && (
                  <Button
                    size="small"
                    data-verb="merge"
                    disabled={step.isPending}
                    onClick={() => act('merge', other.id)}
                  >
                    {t('similar.merge')}
                  </Button>
                )}
              </span>
            </Row>
          ))}
        {merged.map((id) => (
          <Row key={id} id={id} other={found(id)} why={t('similar.isMerged')}>
            {may('unmerge') && (
              <Button size="small" data-verb="unmerge" disabled={step.isPending} onClick={() => act('unmerge', id)}>
                {t('similar.unmerge')}
              </Button>
            )}
          </Row>
        ))}
      </ul>
    </Section>
  );
}
