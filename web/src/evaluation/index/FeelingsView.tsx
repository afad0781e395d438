// People's feelings: each with its interval, the personas that answers fall into, what goes with happiness, and groups that
// are large enough to be shown.
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FeelingsReport, IndexAnswer } from '../../api/schema';
import { useText } from '../../i18n';
import { FigureTable } from '../../ui/FigureTable';
import { Section } from '../../ui/Page';
import { Blank } from '../../ui/states';
import { signed } from './names';
import { Files } from './TableView';

const one = (value: number | null | undefined) => (value === null || value === undefined ? '—' : value.toFixed(1));
const clip = (value: number) => `${Math.max(0, Math.min(100, value))}%`;

// 0 to 100, the mean as a bar and its 95 % as a line across it.
function Bar({ mean, low, high }: { mean: number | null; low?: number | null; high?: number | null }) {
  if (mean === null) return null;
  return (
    <span className="share-box">
      <i className="bar" style={{ width: clip(mean) }} />
      {typeof low === 'number' && typeof high === 'number' && (
        <i className="share-interval" style={{ left: clip(low), right: `calc(100% - ${clip(high)})` }} />
      )}
    </span>
  );
}

function Feelings({ report }: { report: FeelingsReport }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <FigureTable
      label={t('feelings.feelings')}
      heads={[
        { text: t('feelings.feeling') },
        { text: '0 – 100', kind: 'num' },
        { text: t('evaluation.bar'), kind: 'unseen' },
        { text: '95 %', kind: 'num' },
        { text: 'α', kind: 'num' },
        { text: t('feelings.people'), kind: 'num' },
      ]}
    >
      {report.feelings.map((feeling, i) => (
        <tr
          key={feeling.id}
          data-feeling={feeling.id}
          className={i === report.feelings.length - 1 ? 'outcome' : undefined}
        >
          <th scope="row" title={text(feeling.about)}>
            {text(feeling.name)}
          </th>
          <td className="num strong">{one(feeling.mean)}</td>
          <td className="bar-cell" aria-hidden="true">
            <Bar {...feeling} />
          </td>
          <td className="num muted">
            {one(feeling.low)} – {one(feeling.high)}
          </td>
          <td className="num muted">{feeling.alpha === null ? '—' : feeling.alpha.toFixed(2)}</td>
          <td className="num muted">{feeling.people}</td>
        </tr>
      ))}
    </FigureTable>
  );
}

function Personas({ report }: { report: FeelingsReport }) {
  const { t } = useTranslation();
  const text = useText();
  const feelings = report.feelings.slice(0, -1);
  return (
    <FigureTable
      label={t('feelings.personas')}
      heads={[
        { text: t('feelings.persona') },
        { text: t('feelings.people'), kind: 'num' },
        ...feelings.map((feeling) => ({ text: text(feeling.name), kind: 'num' as const, key: feeling.id })),
        { text: text(report.feelings.at(-1)?.name), kind: 'num' },
      ]}
    >
      {report.personas.map((persona, p) => (
        <tr key={p} data-persona={p}>
          <th scope="row">{text(persona.name)}</th>
          <td className="num">
            {persona.people} <span className="muted">({Math.round((100 * persona.people) / report.people)} %)</span>
          </td>
          {persona.feelings.map((value, i) => {
            const out = persona.stands_out[i] ?? 0;
            const shade = Math.min(45, Math.round(Math.abs(out) * 30));
            const colour = out > 0 ? 'var(--state-ok)' : 'var(--state-alarm)';
            return (
              <td
                key={feelings[i]?.id}
                className="num"
                style={{ background: `color-mix(in srgb, ${colour} ${shade}%, var(--surface))` }}
                title={t('feelings.standsOut', { n: signed(out) })}
              >
                {one(value)}
                <span className="visually-hidden"> ({t('feelings.standsOut', { n: signed(out) })})</span>
              </td>
            );
          })}
          <td className="num strong">{one(persona.outcome)}</td>
        </tr>
      ))}
    </FigureTable>
  );
}

function Relation({ report }: { report: FeelingsReport }) {
  const { t } = useTranslation();
  const text = useText();
  const told = report.relation;
  if (!told.feelings) return <Blank title={told.none ?? ''} />;
  const most = Math.max(0.01, ...told.feelings.map((each) => Math.abs(each.standardised)));
  return (
    <>
      <p className="behind-note muted">
        {t('feelings.relationHint', { r: Math.round(100 * (told.r_squared ?? 0)), n: told.people })}
      </p>
      <FigureTable
        label={t('feelings.relation')}
        heads={[
          { text: t('feelings.feeling') },
          { text: t('feelings.standardised'), kind: 'num' },
          { text: t('evaluation.bar'), kind: 'unseen' },
          { text: t('feelings.slope'), kind: 'num' },
          { text: '95 %', kind: 'num' },
          { text: 'p', kind: 'num' },
          { text: 'VIF', kind: 'num' },
        ]}
      >
        {told.feelings.map((each) => (
          <tr key={each.id}>
            <th scope="row">{text(report.feelings.find((feeling) => feeling.id === each.id)?.name)}</th>
            <td className="num strong">{signed(each.standardised)}</td>
            <td className="diverging" aria-hidden="true">
              <i
                className={each.standardised < 0 ? 'pulls' : 'lifts'}
                style={{ width: `${(50 * Math.abs(each.standardised)) / most}%` }}
              />
            </td>
            <td className="num">{signed(each.value)}</td>
            <td className="num muted">
              {signed(each.low)} – {signed(each.high)}
            </td>
            <td className="num muted">{each.p < 0.001 ? '< 0.001' : each.p.toFixed(3)}</td>
            <td className="num muted">{each.inflation.toFixed(1)}</td>
          </tr>
        ))}
      </FigureTable>
    </>
  );
}

function Groups({ report }: { report: FeelingsReport }) {
  const { t } = useTranslation();
  const text = useText();
  const columns = [...new Set(report.groups.map((group) => group.column))];
  const [column, setColumn] = useState(columns[0] ?? '');
  if (columns.length === 0) return null;
  return (
    <Section
      flush
      title={t('feelings.groups')}
      tools={
        <Select
          size="small"
          aria-label={t('feelings.groups')}
          value={column}
          onChange={setColumn}
          options={columns.map((value) => ({ value, label: t(`column.${value as 'age'}`, { defaultValue: value }) }))}
          popupMatchSelectWidth={false}
        />
      }
    >
      <FigureTable
        label={t('feelings.groups')}
        heads={[
          { text: t('feelings.group') },
          { text: t('feelings.people'), kind: 'num' },
          ...report.feelings.map((feeling) => ({ text: text(feeling.name), kind: 'num' as const, key: feeling.id })),
        ]}
      >
        {report.groups
          .filter((group) => group.column === column)
          .map((group) => (
            <tr key={group.value}>
              <th scope="row">{group.value || '—'}</th>
              {group.feelings.length === 0 ? (
                <td colSpan={report.feelings.length + 1} className="muted">
                  {t('feelings.tooFew', { n: report.frame.people_min })}
                </td>
              ) : (
                <>
                  <td className="num">{group.people}</td>
                  {[...group.feelings, group.outcome].map((value, i) => (
                    <td key={report.feelings[i]?.id} className="num">
                      {one(value)}
                    </td>
                  ))}
                </>
              )}
            </tr>
          ))}
      </FigureTable>
    </Section>
  );
}

export function FeelingsView({ index, report }: { index: IndexAnswer; report: FeelingsReport }) {
  const { t } = useTranslation();
  return (
    <>
      <Section flush title={t('feelings.title', { n: report.people })}>
        <Feelings report={report} />
      </Section>
      <Section flush title={t('feelings.personas')}>
        <p className="behind-note muted">{t('feelings.personasHint', { n: (report.silhouette ?? 0).toFixed(2) })}</p>
        <Personas report={report} />
      </Section>
      <Section flush title={t('feelings.relation')}>
        <Relation report={report} />
      </Section>
      <Groups report={report} />
      <Section title={t('index.files')}>
        <Files id={index.id} files={['feelings.csv', 'problems.csv', 'template.csv', 'frame.toml']} />
      </Section>
    </>
  );
}
