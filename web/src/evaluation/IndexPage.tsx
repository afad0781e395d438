// One index, computed: while it is, what is being done and how far that is; then the page of its kind.
import { useQuery } from '@tanstack/react-query';
import { Progress } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { indexApi } from '../api/evaluation_api';
import { keys } from '../api/keys';
import type { CompositeReport, FeelingsReport, IndexAnswer, MaturityReport } from '../api/schema';
import { useText } from '../i18n';
import { usePageTitle } from '../ui/Page';
import { Answer } from '../ui/states';
import { CompositeView } from './index/CompositeView';
import { FeelingsView } from './index/FeelingsView';
import { MaturityView } from './index/MaturityView';

const askAgainMs = 400;

function Computing({ index }: { index: IndexAnswer }) {
  const { t } = useTranslation();
  const stage = t(`computing.${index.stage as 'stages'}`, { defaultValue: t('computing.waiting') });
  return (
    <div className="computing" role="status">
      <strong>{stage}</strong>
      <Progress percent={Math.round(100 * index.done)} aria-label={stage} />
    </div>
  );
}

function Body({ index, weights }: { index: IndexAnswer; weights: string | undefined }) {
  if (!index.report) return <Computing index={index} />;
  const { report } = index;
  if (report.frame.kind === 'composite')
    return <CompositeView index={index} report={report as CompositeReport} query={{ weights }} />;
  if (report.frame.kind === 'maturity') return <MaturityView index={index} report={report as MaturityReport} />;
  return <FeelingsView index={index} report={report as FeelingsReport} />;
}

function Opened({ index, weights }: { index: IndexAnswer; weights: string | undefined }) {
  const { t } = useTranslation();
  const text = useText();
  usePageTitle(text(index.name));
  return (
    <>
      <header className="indicator-head">
        <nav className="muted" aria-label={t('evaluation.back')}>
          <Link to="/evaluation/indices">{t('index.title')}</Link>
        </nav>
        <h1>{text(index.name)}</h1>
        <p className="indicator-now muted">
          {text(index.about)} {index.edition}
        </p>
      </header>
      {text(index.note) && <p className="index-about">{text(index.note)}</p>}
      <div className="page-parts">
        <Body index={index} weights={weights} />
      </div>
    </>
  );
}

export function IndexPage() {
  const { id = '' } = useParams();
  const [params] = useSearchParams();
  const weights = params.get('weights') || undefined;
  const query = useQuery({
    queryKey: keys.indices('one', { id, weights }),
    queryFn: () => indexApi.one(id, { weights }),
    refetchInterval: ({ state }) => (state.data && !state.data.ready ? askAgainMs : false),
    retry: false,
  });
  // After a saving the report as it was stays, with all that one has open in it, until the new one is there.
  const key = `${id} ${weights}`;
  const last = useRef({ key, index: query.data });
  if (last.current.key !== key || query.data?.ready) last.current = { key, index: query.data };
  return (
    <div className="page">
      <div className="page-body indicator-page">
        <Answer query={query} rows={12}>
          {(index) => <Opened index={last.current.index?.ready ? last.current.index : index} weights={weights} />}
        </Answer>
      </div>
    </div>
  );
}
