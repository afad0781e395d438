// One rule: how it decides, as it is written, how it has done, and what it would have found.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useMay } from '../api/queries';
import type { RuleDetail } from '../api/schema';
import { useText, useWord } from '../i18n';
import { Pill, SeverityMark } from '../ui/marks';
import { Facts, Page, Section } from '../ui/Page';
import { Answer } from '../ui/states';
import { BacktestPanel } from './BacktestPanel';
import { CaseCounts, findingsOf, Precision } from './parts';
import './rules.css';
import { Toml } from './Toml';

function Body({ rule }: { rule: RuleDetail }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const mayTest = useMay('test_rules');
  const lead = (
    <>
      <SeverityMark severity={rule.severity} /> {!rule.enabled && <Pill tone="stale">{t('rule.disabled')}</Pill>}
    </>
  );
  return (
    <Page title={text(rule.name) || rule.id} lead={lead} tools={<Link to="/rules">{t('rule.title')}</Link>}>
      <div className="columns">
        <Section title={t('rule.explanation')}>
          <p className="rule-explanation">{text(rule.explanation)}</p>
          <Facts
            rows={[
              [t('rule.kind'), word('ruleKind', rule.kind)],
              [
                t('rule.condition'),
                <code key="c" className="condition">
                  {rule.condition}
                </code>,
              ],
              [
                t('rule.active'),
                <Link key="a" to={findingsOf(rule.id, 'active')}>
                  {rule.findings.active}
                </Link>,
              ],
              [
                t('rule.total'),
                <Link key="t" to={findingsOf(rule.id, 'all')}>
                  {rule.findings.total}
                </Link>,
              ],
              [
                t('rule.openCases'),
                <Link key="o" to={`/cases?rule=${encodeURIComponent(rule.id)}`}>
                  {rule.cases.open}
                </Link>,
              ],
              [
                t('rule.precision'),
                <div key="p">
                  <Precision rule={rule} />
                  {rule.precision != null && <CaseCounts rule={rule} />}
                </div>,
              ],
              [t('rule.late'), rule.lateReadings ?? 0],
            ]}
          />
        </Section>
        <Section title={t('rule.source')} tools={<code className="muted">{`${rule.file}:${rule.line}`}</code>}>
          <Toml source={rule.source} />
        </Section>
      </div>
      {mayTest && <BacktestPanel rule={rule} />}
    </Page>
  );
}

export function RulePage() {
  const { id = '' } = useParams();
  const query = useQuery({ queryKey: keys.rule(id), queryFn: () => api.rule(id) });
  return <Answer query={query}>{(rule) => <Body key={id} rule={rule} />}</Answer>;
}
