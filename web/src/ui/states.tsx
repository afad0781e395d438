// What a page shows while it reads, when it failed, and when there is nothing.
import { Button, Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/client';

export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className="loading" role="status" aria-label={t('app.loading')}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

const problemStatuses = [400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 504] as const;

// What went wrong, in the page's language. What rooms say in English alone has at least its kind in both.
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof Problem)) return String(error);
    if (error.status === 0) return t('app.unreachable');
    if (error.more.text) return error.detail;
    const known = problemStatuses.find((status) => status === error.status);
    const title = known ? t(`app.problem.s${known}`) : error.title;
    return error.detail ? `${title}: ${error.detail}` : title;
  };
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  return (
    <div className="blank" role="alert">
      <strong>{t('app.error')}</strong>
      <p>{textOf(error)}</p>
      {retry && (
        <Button size="small" onClick={retry}>
          {t('app.retry')}
        </Button>
      )}
    </div>
  );
}

export function Blank({ title, hint, children }: { title: string; hint?: string; children?: React.ReactNode }) {
  return (
    <div className="blank">
      <strong>{title}</strong>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}

// One place for the three states of a query.
export function Answer<T>(props: {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  rows?: number;
  children: (data: T) => React.ReactNode;
}) {
  const { query, rows, children } = props;
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return <Loading rows={rows} />;
}
