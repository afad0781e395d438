// How a number is counted: in words, as it is declared, over which time, by what it is judged, who answers for it.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Indicator, IndicatorDeclaration, Text } from '../api/schema';
import { useText } from '../i18n';
import { useAttributeName, useDepartmentName } from '../ui/Attribute';
import { Section } from '../ui/Page';
import { spanText } from '../ui/time';
import { valueText } from '../ui/values';
import { inArea } from './AreaPicker';
import { StandingMark } from './levels';
import { formulaParts, useTargetText } from './words';

function InWords({ one }: { one: Indicator }) {
  const text = useText();
  const { t } = useTranslation();
  if (one.over !== 'formula' || !one.formula) return <p>{text(one.counts)}</p>;
  const titles = new Map<string, Text>(one.inputs.flatMap((input) => (input.title ? [[input.name, input.title]] : [])));
  return (
    <p className="formula-words">
      {formulaParts(one.formula, titles).map((part, i) =>
        part.id ? (
          <Link key={i} to={`/evaluation/indicators/${part.id}${part.ofCity ? '' : inArea(one.area)}`}>
            {text(titles.get(part.id))}
            {part.ofCity && ` (${t('evaluation.wholeCity')})`}
          </Link>
        ) : (
          <span key={i}>
            {part.text.replace(/inhabitants|area_km2/g, (name) => t(`constant.${name as 'inhabitants'}`))}
          </span>
        ),
      )}
    </p>
  );
}

function Declared({ one }: { one: IndicatorDeclaration }) {
  const parts = [
    one.measure && `measure = "${one.measure}"`,
    one.type && `type = "${one.type}"`,
    one.attribute && `attribute = "${one.attribute}"`,
    one.where && `where = '${one.where}'`,
  ].filter(Boolean);
  return <code className="declared">{one.formula ? one.formula : `${one.over} = { ${parts.join(', ')} }`}</code>;
}

function Thresholds({ one }: { one: IndicatorDeclaration }) {
  const text = useText();
  if (one.thresholds.length === 0) return <span className="muted">—</span>;
  return (
    <ul className="thresholds">
      {one.thresholds.map((each) => (
        <li key={`${each.level} ${each.above} ${each.below}`}>
          <StandingMark standing={each.level} />
          <span className="num">
            {each.above !== undefined && `≥ ${valueText(each.above, one.unit)} `}
            {each.below !== undefined && `≤ ${valueText(each.below, one.unit)}`}
          </span>
          <span>{text(each.meaning)}</span>
        </li>
      ))}
    </ul>
  );
}

export function Counting({ one }: { one: Indicator }) {
  const { t } = useTranslation();
  const text = useText();
  const departmentOf = useDepartmentName();
  const attributeOf = useAttributeName(one.type);
  const targetOf = useTargetText();
  const rows: [string, React.ReactNode][] = [
    [t('evaluation.inWords'), <InWords key="w" one={one} />],
    [t('evaluation.declared'), <Declared key="d" one={one} />],
    [
      t('evaluation.period'),
      <>
        {t(`span.${one.period}`)}
        {one.period !== 'now' && ` · ${t(`window.${one.window}`)}`}
      </>,
    ],
    [t('evaluation.betterWhen'), t(`direction.${one.direction}`)],
    [
      t('evaluation.col_target'),
      <span key="t" className="num">
        {targetOf(one) || '—'}
      </span>,
    ],
    [t('evaluation.thresholds'), <Thresholds key="h" one={one} />],
    [t('evaluation.owner'), one.owner ? departmentOf(one.owner) : '—'],
    [t('evaluation.source'), text(one.source) || '—'],
  ];
  if (one.attribute) rows.splice(2, 0, [t('map.attribute'), attributeOf(one.attribute)]);
  if (one.staleAfterSeconds) rows.splice(3, 0, [t('evaluation.staleAfter'), spanText(one.staleAfterSeconds * 1000)]);
  if (text(one.description)) rows.unshift([t('evaluation.meaning'), text(one.description)]);
  return (
    <Section title={t('evaluation.counting')}>
      <dl className="counting">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
