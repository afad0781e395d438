// A list on the left, what is chosen from it on the right; on a narrow screen one after the other.
import { useTranslation } from 'react-i18next';
import { Outlet, useParams } from 'react-router';
import { usePageTitle } from './Page';

export function MasterDetail(props: {
  title: string;
  label: string;
  tools: React.ReactNode;
  list: React.ReactNode;
  blank: React.ReactNode;
}) {
  const { id } = useParams();
  const { t } = useTranslation();
  usePageTitle(props.title);
  return (
    <div className={`split${id ? ' split-open' : ''}`}>
      <section className="split-list" aria-label={props.label}>
        <header className="split-head">
          <h1>{props.title}</h1>
          {props.tools}
        </header>
        {props.list}
      </section>
      <section className="split-detail" aria-label={t('case.detail')}>
        {id ? <Outlet /> : props.blank}
      </section>
    </div>
  );
}
