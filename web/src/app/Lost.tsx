// Where an address leads nowhere, and where a page fails: the rest of the console stays.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useRouteError } from 'react-router';
import { Blank } from '../ui/states';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Blank title={t('app.notFound')} hint={t('app.notFoundHint')}>
      <Link to="/">{t('app.backToStart')}</Link>
    </Blank>
  );
}

export function Crashed() {
  const { t } = useTranslation();
  const error = useRouteError();
  console.error(error);
  return (
    <div role="alert">
      <Blank title={t('app.crashed')} hint={t('app.crashedHint')}>
        <code className="crash">{error instanceof Error ? error.message : String(error)}</code>
        <Button onClick={() => location.reload()}>{t('app.reload')}</Button>
      </Blank>
    </div>
  );
}
