// The frame of a page: its title, what one can do at the top, its body.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

export function usePageTitle(title: string): void {
  const { t, i18n } = useTranslation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the language changes the name behind t
  useEffect(() => {
    document.title = title ? `${title} · ${t('app.name')}` : t('app.name');
  }, [title, t, i18n.language]);
}

export function Page(props: {
  title: string;
  lead?: React.ReactNode;
  tools?: React.ReactNode;
  children: React.ReactNode;
}) {
  usePageTitle(props.title);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{props.title}</h1>
        {props.lead && <div className="page-lead">{props.lead}</div>}
        <div className="page-tools">{props.tools}</div>
      </header>
      <div className="page-body">{props.children}</div>
    </div>
  );
}

export function Section(props: {
  title: React.ReactNode;
  tools?: React.ReactNode;
  children: React.ReactNode;
  flush?: boolean;
}) {
  return (
    <section className={`section${props.flush ? ' section-flush' : ''}`}>
      <header className="section-head">
        <h2>{props.title}</h2>
        {props.tools}
      </header>
      {props.children}
    </section>
  );
}

export function Facts({ rows }: { rows: [React.ReactNode, React.ReactNode][] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value], i) => (
        <div key={i}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
