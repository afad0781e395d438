// One finding: why it fired, why it cleared, what came of it.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { cityNow } from '../api/city_clock';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useCity, useMapEntity } from '../api/queries';
import type { Finding } from '../api/schema';
import { useText } from '../i18n';
import { Lasted, Moment } from '../ui/Age';
import { EntityLink, useAttributeName } from '../ui/Attribute';
import { HistoryChart } from '../ui/HistoryChart';
import { Pill, SeverityMark } from '../ui/marks';
import { Facts, Section, usePageTitle } from '../ui/Page';
import { Answer } from '../ui/states';
import { toMs } from '../ui/time';
import { WhyView } from '../ui/WhyView';

const aroundMs = 10 * 60_000;

function Around({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const city = useCity();
  const nameOf = useAttributeName();
  const value = finding.why?.values?.find((each) => typeof each.value === 'number');
  const entity = value?.entity ?? finding.about;
  const type = useMapEntity(entity)?.type;
  const opened = Date.parse(finding.openedAt);
  const cleared = toMs(finding.clearedAt);
  const query = useQuery({
    queryKey: keys.history(entity, value?.attribute ?? '', { around: finding.id, cleared }),
    queryFn: async () => {
      const from = opened - aroundMs;
      const to = Math.min((cleared ?? cityNow()) + aroundMs / 5, cityNow());
      const iso = (at: number) => new Date(at).toISOString();
      const history = await api.history({
        entity,
        attribute: value?.attribute ?? '',
        from: iso(from),
        to: iso(to),
        points: 500,
      });
      return { history, from, to };
    },
    enabled: value !== undefined,
    refetchInterval: cleared ? false : 5000,
  });
  if (!value || !query.data || query.data.history.samples.length === 0) return null;
  const info = type ? city.types[type] : undefined;
  const marks = [{ at: opened, label: t('finding.openedAt') }];
  if (cleared) marks.push({ at: cleared, label: t('finding.clearedAt') });
  return (
    <Section title={nameOf(value.attribute)}>
      <HistoryChart
        {...query.data}
        name={nameOf(value.attribute)}
        marks={marks}
        scale={info?.main === value.attribute ? info.scale : undefined}
      />
    </Section>
  );
}

function Detail({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const text = useText();
  usePageTitle(text(finding.title));
  const active = finding.status === 'active';
  return (
    <article className="detail">
      <header className="detail-head">
        <h2>{text(finding.title)}</h2>
        <SeverityMark severity={finding.severity} />
        <Pill tone={active ? 'alarm' : 'ok'}>{t(`finding.${finding.status}`)}</Pill>
        <EntityLink id={finding.about} name={finding.aboutName} />
      </header>
      <Section title={t('case.overview')}>
        <Facts
          rows={[
            [t('finding.openedAt'), <Moment key="o" at={finding.openedAt} />],
            [t('finding.clearedAt'), <Moment key="c" at={finding.clearedAt} />],
            [t('finding.lasted'), <Lasted key="l" from={finding.openedAt} to={finding.clearedAt} />],
            [
              t('finding.rule'),
              <Link key="r" to={`/rules/${encodeURIComponent(finding.rule)}`}>
                {finding.rule}
              </Link>,
            ],
            [
              t('finding.case'),
              finding.case ? (
                <Link key="k" to={`/cases/${encodeURIComponent(finding.case)}`}>
                  {t('finding.openCase')}
                </Link>
              ) : (
                t('finding.noCase')
              ),
            ],
          ]}
        />
      </Section>
      <Around finding={finding} />
      <div className="columns">
        {finding.why && (
          <Section title={t('finding.why')}>
            <WhyView why={finding.why} />
          </Section>
        )}
        {finding.clearedWhy && (
          <Section title={t('finding.clearedWhy')}>
            <WhyView why={finding.clearedWhy} />
          </Section>
        )}
      </div>
      {finding.related.length > 0 && (
        <Section title={t('finding.related')}>
          <ul>
            {finding.related.map((id) => (
              <li key={id}>
                <EntityLink id={id} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </article>
  );
}

export function FindingDetail() {
  const { id = '' } = useParams();
  const query = useQuery({ queryKey: keys.finding(id), queryFn: () => api.finding(id) });
  return <Answer query={query}>{(finding) => <Detail key={id} finding={finding} />}</Answer>;
}
