// Other cases that may be about the same, what speaks for it, and one click to make them one; and those that go on in
// this one already, each to be parted again.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Case, NamedCase, SimilarCase } from '../api/schema';
import { useText, useWord } from '../i18n';
import { Section } from '../ui/Page';
import { spanText } from '../ui/time';
import { shortId } from '../ui/values';
import { CaseStatePill } from './parts';
import { useStep } from './use_step';

// "40 m away · 2 h earlier · same kind · words 81 % alike"
function useReasons(): (other: SimilarCase) => string {
  const { t } = useTranslation();
  return ({ distanceM, earlierS, sameKind, textLikeness }) => {
    const said: string[] = [];
    if (distanceM !== undefined)
      said.push(
        distanceM < 1000
          ? t('similar.metres', { n: Math.round(distanceM) })
          : t('similar.km', { n: (distanceM / 1000).toFixed(1) }),
      );
    said.push(t(earlierS >= 0 ? 'similar.earlier' : 'similar.later', { t: spanText(Math.abs(earlierS) * 1000) }));
    if (sameKind) said.push(t('similar.kind'));
    if (textLikeness !== undefined) said.push(t('similar.text', { p: Math.round(textLikeness * 100) }));
    return said.join(' · ');
  };
}

function Row(props: { other: NamedCase; why?: string; children?: React.ReactNode }) {
  const text = useText();
  const { other, why, children } = props;
  return (
    <li className="similar" data-similar={other.id}>
      <div>
        <Link to={`/cases/${encodeURIComponent(other.id)}`}>{text(other.title) || shortId(other.id)}</Link>{' '}
        {other.state && <CaseStatePill state={other.state} />} <span className="num muted">{other.code}</span>
        {why && <p className="muted">{why}</p>}
      </div>
      {children}
    </li>
  );
}

// A merge is undone at the case that was merged; whether the reader may is found when they do.
function Parted({ item, other }: { item: Case; other: NamedCase }) {
  const { t } = useTranslation();
  const word = useWord();
  const step = useStep(other.id, () => undefined);
  const may = item.outcome === 'open' && other.outcome !== undefined;
  return (
    <Row other={other} why={t('similar.isMerged')}>
      {may && (
        <Button
          size="small"
          data-verb="unmerge"
          loading={step.isPending}
          onClick={() => step.mutate({ verb: 'unmerge', name: word('verb', 'unmerge') })}
        >
          {t('similar.unmerge')}
        </Button>
      )}
    </Row>
  );
}

export function Similar({ item }: { item: Case }) {
  const { t } = useTranslation();
  const word = useWord();
  const reasons = useReasons();
  const { similar = [], merged = [] } = item;
  const step = useStep(item.id, () => undefined);
  const may = item.actions.some((action) => action.verb === 'merge');
  const merge = (into: string) => step.mutate({ verb: 'merge', name: word('verb', 'merge'), fields: { into } });
  if (similar.length + merged.length === 0) return null;
  return (
    <Section title={t('similar.title')}>
      <ul className="case-list">
        {similar.map((each) => (
          <Row key={each.case.id} other={each.case} why={reasons(each)}>
            <span className="request-decide">
              <span className="num muted">{Math.round(each.score * 100)} %</span>
              {may && (
                <Button size="small" data-verb="merge" loading={step.isPending} onClick={() => merge(each.case.id)}>
                  {t('similar.merge')}
                </Button>
              )}
            </span>
          </Row>
        ))}
        {merged.map((other) => (
          <Parted key={other.id} item={item} other={other} />
        ))}
      </ul>
    </Section>
  );
}
