// The city's check-up over a period: what stands out, each domain against its targets and the period before, the areas
// side by side. The same as pages to be printed.
import { FilePdfOutlined } from '@ant-design/icons';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { checkupApi } from '../api/evaluation_api';
import { keys } from '../api/keys';
import type { Checkup, CheckupIndicator } from '../api/schema';
import { useLanguage, useText } from '../i18n';
import { Moment } from '../ui/Age';
import { useAddress } from '../ui/address';
import { saveFile } from '../ui/files';
import { useListKeys } from '../ui/list_keys';
import { Page, Section } from '../ui/Page';
import { Answer, Blank, useProblemText } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { dateOf, toMs } from '../ui/time';
import { numberText } from '../ui/values';
import { AreaPicker, inArea, useArea } from './AreaPicker';
import { Curve } from './Curve';
import { useIndicators } from './IndicatorsPage';
import { StandingMark, Way } from './levels';
import { standingOf, useNumber, useTargetText } from './words';

const periods = ['day', 'week', 'month', 'quarter', 'year'] as const;
type Period = (typeof periods)[number];
type Domain = Checkup['domains'][number];

function PdfButton({ period, area }: { period: Period; area: string }) {
  const { t } = useTranslation();
  const lang = useLanguage();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const printing = useMutation({
    mutationFn: () => checkupApi.pdf({ period, area, lang }),
    onSuccess: (file) => saveFile(file, `checkup-${area.replace(/^\w+:/, '')}-${period}-${dateOf(Date.now())}.pdf`),
    onError: (error) => void message.error(problemOf(error), 6),
  });
  return (
    <Button
      icon={<FilePdfOutlined />}
      loading={printing.isPending}
      data-act="checkup-pdf"
      onClick={() => printing.mutate()}
    >
      {t('evaluation.pdf')}
    </Button>
  );
}

function Findings({ checkup }: { checkup: Checkup }) {
  const { t } = useTranslation();
  const text = useText();
  const list = useListKeys(undefined);
  return (
    <Section title={`${t('checkup.findings')} · ${checkup.findings.length}`}>
      {checkup.findings.length === 0 ? (
        <Blank title={t('checkup.noFindings')} />
      ) : (
        <div ref={list}>
          <ol className="checkup-findings">
            {checkup.findings.map((finding, i) => (
              <li key={`${finding.of} ${finding.indicator} ${finding.area}`} data-of={finding.of}>
                <span className={`finding-of of-${finding.of}`}>{t(`checkup.of_${finding.of}`)}</span>
                <Link to={`/evaluation/indicators/${finding.indicator}${inArea(finding.area)}`} data-row={String(i)}>
                  {text(finding.text)}
                </Link>
              </li>
            ))}
          </ol>
        </div>
      )}
    </Section>
  );
}

function Line({ line, checkup }: { line: CheckupIndicator; checkup: Checkup }) {
  const text = useText();
  const number = useNumber();
  const targetOf = useTargetText();
  const change =
    line.value !== null && line.before !== null && line.before !== undefined ? line.value - line.before : null;
  const dash = <span className="muted">—</span>;
  const told = (value: number | null | undefined) =>
    value === null || value === undefined ? dash : number(value, line.unit);
  return (
    <tr data-indicator={line.id}>
      <th scope="row">
        <Link to={`/evaluation/indicators/${line.id}${inArea(checkup.area)}`}>{text(line.name)}</Link>
      </th>
      <td className={`num value${line.value === null ? ' muted' : ''}`}>{number(line.value, line.unit)}</td>
      <td>
        <StandingMark standing={standingOf(line)} />
        {line.level && line.level !== 'good' && <small className="muted meaning">{text(line.meaning)}</small>}
      </td>
      <td className="num">{targetOf(line) || dash}</td>
      <td className="num">{told(line.before)}</td>
      <td className="num">{told(line.mean)}</td>
      <td className="num">
        {line.low === null || line.low === undefined ? (
          dash
        ) : (
          <>
            {numberText(line.low)} – {told(line.high)}
          </>
        )}
      </td>
      <td>
        <Way trend={{ way: line.way, change }} unit={line.unit} />
      </td>
      <td>
        <Curve
          samples={line.samples}
          from={toMs(checkup.from) ?? 0}
          to={toMs(checkup.to) ?? 0}
          target={line.direction === 'band' ? null : line.target}
        />
      </td>
    </tr>
  );
}

// The areas of a domain beside one another: a row an area, a column an indicator.
function Areas({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  const text = useText();
  const number = useNumber();
  const lines = domain.indicators.filter((line) => line.areas.some((each) => typeof each.value === 'number'));
  const areas = [...new Map(lines.flatMap((line) => line.areas.map((each) => [each.area, each] as const))).values()];
  areas.sort((a, b) => a.kind.localeCompare(b.kind) || a.area.localeCompare(b.area));
  if (areas.length === 0) return null;
  const name = `${text(domain.name)}: ${t('checkup.areas')}`;
  return (
    <details className="checkup-areas">
      <summary>
        {t('checkup.areas')} <span className="muted num">{areas.length}</span>
      </summary>
      <TableScroll label={name}>
        <table className="groups indicators">
          <caption className="visually-hidden">{name}</caption>
          <thead>
            <tr>
              <th scope="col">{t('evaluation.area')}</th>
              {lines.map((line) => (
                <th key={line.id} scope="col" className="num">
                  {text(line.name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {areas.map(({ area, areaName }) => (
              <tr key={area}>
                <th scope="row">{text(areaName)}</th>
                {lines.map((line) => {
                  const cell = line.areas.find((each) => each.area === area);
                  const bad = cell?.level === 'warn' || cell?.level === 'alarm';
                  return (
                    <td key={line.id} className="num">
                      {cell ? (
                        <Link
                          className={bad ? `level-${cell.level}` : 'quiet'}
                          to={`/evaluation/indicators/${line.id}${inArea(area)}`}
                        >
                          {number(cell.value, line.unit)}
                          {bad && <span className="visually-hidden"> {t(`standing.${cell.level as 'warn'}`)}</span>}
                        </Link>
                      ) : (
                        <span className="muted">—</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </details>
  );
}

const columns = ['indicator', 'now', 'standing', 'target', 'before', 'mean', 'lowHigh', 'way', 'curve'] as const;
const numbers: readonly string[] = ['now', 'target', 'before', 'mean', 'lowHigh'];

function DomainPart({ domain, checkup }: { domain: Domain; checkup: Checkup }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <Section
      flush
      title={text(domain.name)}
      tools={<span className="muted num">{t('checkup.metOf', { met: domain.met, missed: domain.missed })}</span>}
    >
      <TableScroll label={text(domain.name)}>
        <table className="groups indicators checkup-lines">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" className={numbers.includes(column) ? 'num' : undefined}>
                  {t(`evaluation.col_${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {domain.indicators.map((line) => (
              <Line key={line.id} line={line} checkup={checkup} />
            ))}
          </tbody>
        </table>
      </TableScroll>
      <Areas domain={domain} />
    </Section>
  );
}

function Summary({ checkup }: { checkup: Checkup }) {
  const { t } = useTranslation();
  const sum = (of: 'met' | 'missed' | 'without') => checkup.domains.reduce((all, domain) => all + domain[of], 0);
  return (
    <ul className="standings" aria-label={t('evaluation.counts')}>
      {(['met', 'missed', 'without'] as const).map((of) => (
        <li key={of} className="standing">
          <b className="num">{sum(of)}</b>
          {of === 'without' ? <span className="muted">{t('checkup.without')}</span> : <StandingMark standing={of} />}
        </li>
      ))}
    </ul>
  );
}

export function CheckupPage() {
  const { t } = useTranslation();
  const [area, setArea] = useArea();
  const [params, change] = useAddress();
  const period = periods.find((each) => each === params.get('period')) ?? 'month';
  const areas = useIndicators('city').data?.areas;
  const query = useQuery({
    queryKey: keys.checkup({ period, area }),
    queryFn: () => checkupApi.read({ period, area }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const put = (wanted: Period) => change({ period: wanted });
  return (
    <Page
      title={t('checkup.title')}
      lead={
        query.data && (
          <>
            <Moment at={query.data.from} /> – <Moment at={query.data.to} />
          </>
        )
      }
      tools={
        <span className="section-tools">
          <Segmented
            aria-label={t('evaluation.period')}
            value={period}
            onChange={put}
            options={periods.map((value) => ({ value, label: t(`span.${value}`) }))}
          />
          {areas && <AreaPicker areas={areas} value={area} onChange={setArea} />}
          <PdfButton period={period} area={area} />
        </span>
      }
    >
      <Answer query={query} rows={12}>
        {(checkup) => (
          <>
            <Summary checkup={checkup} />
            <Findings checkup={checkup} />
            {checkup.domains.map((domain) => (
              <DomainPart key={domain.id} domain={domain} checkup={checkup} />
            ))}
          </>
        )}
      </Answer>
    </Page>
  );
}
