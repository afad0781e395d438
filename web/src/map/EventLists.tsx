// Beside the map: what the rules hold to be wrong now, and what people and devices are doing about it.
import { ArrowRightOutlined, CheckOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { arrivals } from '../api/live';
import { useActiveFindings, useMay, useOpenCases } from '../api/queries';
import type { CaseSummary, Finding, FindingPage } from '../api/schema';
import { useStore } from '../api/store';
import { CaseStatePill, Deadline } from '../cases/parts';
import { byUrgency } from '../cases/urgency';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useListKeys } from '../ui/list_keys';
import { SeverityMark } from '../ui/marks';
import { Answer, Blank } from '../ui/states';
import { useCityNow, useRealNow } from '../ui/ticker';
import { toMs } from '../ui/time';

const freshMs = 20_000;
const closedShownMs = 10 * 60_000;
const closedQuery = { state: 'closed', limit: 5 };
const shownMax = 100;

interface RowProps {
  id: string;
  about: string;
  selected: boolean;
  href: string;
  onPick: (id: string) => void;
  children: React.ReactNode;
}

function EventRow({ id, about, selected, href, onPick, children }: RowProps) {
  const { t } = useTranslation();
  const arrived = useStore(arrivals).get(id) ?? 0;
  const fresh = useRealNow() - arrived < freshMs;
  return (
    <li className="event">
      <button
        type="button"
        className={`row${fresh ? ' fresh' : ''}${selected ? ' selected' : ''}`}
        aria-pressed={selected}
        data-row={id}
        onClick={() => onPick(about)}
      >
        {children}
      </button>
      <Link to={href} className="event-open" aria-label={t('help.open')} title={t('help.open')}>
        <ArrowRightOutlined />
      </Link>
    </li>
  );
}

function FindingRow(props: { finding: Finding; selected: string | undefined; onPick: (id: string) => void }) {
  const { finding, selected, onPick } = props;
  const text = useText();
  return (
    <EventRow
      id={finding.id}
      about={finding.about}
      selected={finding.about === selected}
      href={`/findings/${encodeURIComponent(finding.id)}`}
      onPick={onPick}
    >
      <span className="row-title">{text(finding.title)}</span>
      <span className="row-side">
        <SeverityMark severity={finding.severity} word={false} />
      </span>
      <span className="row-sub">{finding.aboutName}</span>
      <span className="row-side">
        <Age at={finding.openedAt} />
      </span>
    </EventRow>
  );
}

function CaseRow(props: { item: CaseSummary; selected: string | undefined; onPick: (id: string) => void }) {
  const { item, selected, onPick } = props;
  const text = useText();
  const done = item.state === 'closed';
  return (
    <EventRow
      id={item.id}
      about={item.about}
      selected={item.about !== '' && item.about === selected}
      href={`/cases/${encodeURIComponent(item.id)}`}
      onPick={onPick}
    >
      <span className="row-title">{text(item.title)}</span>
      <span className="row-side">
        <CaseStatePill state={item.state} />
      </span>
      <span className="row-sub">{item.aboutName}</span>
      <span className="row-side">
        {done ? (
          <>
            <CheckOutlined /> <Age at={item.closedAt} />
          </>
        ) : (
          <Deadline item={item} />
        )}
      </span>
    </EventRow>
  );
}

function useJustClosed(enabled: boolean): CaseSummary[] {
  const now = Math.floor(useCityNow() / 10_000) * 10_000;
  const closed =
    useQuery({ queryKey: keys.cases(closedQuery), queryFn: () => api.cases(closedQuery), enabled }).data?.cases ?? [];
  return closed.filter((item) => item.state === 'closed' && now - (toMs(item.closedAt) ?? 0) < closedShownMs);
}

const countOf = (page: FindingPage | undefined) => (page ? `${page.findings.length}${page.next ? '+' : ''}` : '');

export function EventLists({ selected, onPick }: { selected: string | undefined; onPick: (id: string) => void }) {
  const { t } = useTranslation();
  const findings = useActiveFindings();
  const reads = useMay('read_cases');
  const cases = useOpenCases(reads);
  const closed = useJustClosed(reads);
  const list = useListKeys(undefined);
  const newestFirst = (a: Finding, b: Finding) => b.openedAt.localeCompare(a.openedAt);
  return (
    <div className="event-lists" ref={list}>
      <section aria-labelledby="live-findings">
        <h2 id="live-findings">
          <Link to="/findings?status=active">{t('map.findings')}</Link>
          <span className="num">{countOf(findings.data)}</span>
        </h2>
        <Answer query={findings} rows={3}>
          {(page) =>
            page.findings.length === 0 ? (
              <Blank title={t('map.noFindings')} hint={t('map.noFindingsHint')} />
            ) : (
              <ul>
                {[...page.findings]
                  .sort(newestFirst)
                  .slice(0, shownMax)
                  .map((finding) => (
                    <FindingRow key={finding.id} finding={finding} selected={selected} onPick={onPick} />
                  ))}
              </ul>
            )
          }
        </Answer>
      </section>
      {reads && (
        <section aria-labelledby="live-cases">
          <h2 id="live-cases">
            <Link to="/cases">{t('map.cases')}</Link>
            <span className="num">{cases.data?.total ?? ''}</span>
          </h2>
          <Answer query={cases} rows={3}>
            {(page) =>
              page.cases.length + closed.length === 0 ? (
                <Blank title={t('map.noCases')} />
              ) : (
                <ul>
                  {byUrgency(page.cases)
                    .slice(0, shownMax)
                    .map((item) => (
                      <CaseRow key={item.id} item={item} selected={selected} onPick={onPick} />
                    ))}
                  {closed.map((item) => (
                    <CaseRow key={item.id} item={item} selected={selected} onPick={onPick} />
                  ))}
                </ul>
              )
            }
          </Answer>
        </section>
      )}
    </div>
  );
}
