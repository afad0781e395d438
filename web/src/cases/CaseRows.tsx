// The cases behind a number, page by page, in a drawer: whatever counted them.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CasePage } from '../api/schema';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useDepartmentName } from '../ui/Attribute';
import { SeverityMark } from '../ui/marks';
import { Answer, Blank } from '../ui/states';
import './cases.css';
import { CaseStatePill, Deadline } from './parts';

export function CaseRowsDrawer(props: {
  name: string;
  queryKey: readonly unknown[];
  ask: (cursor: string) => Promise<CasePage>;
  close: () => void;
}) {
  const { name, queryKey, ask, close } = props;
  const { t } = useTranslation();
  const text = useText();
  const departmentOf = useDepartmentName();
  const pages = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: '',
    getNextPageParam: (last: CasePage) => last.next || undefined,
  });
  const total = pages.data?.pages[0]?.total;
  return (
    <Drawer
      open
      title={`${name}${total === undefined ? '' : ` · ${total}`}`}
      onClose={close}
      size={520}
      destroyOnHidden
    >
      <Answer query={{ ...pages, data: pages.data?.pages.flatMap((page) => page.cases), refetch: pages.refetch }}>
        {(cases) =>
          cases.length === 0 ? (
            <Blank title={t('case.none')} />
          ) : (
            <div className="behind">
              {cases.map((item) => (
                <Link key={item.id} to={`/cases/${encodeURIComponent(item.id)}`} className="row" data-row={item.id}>
                  <span className="row-title">{text(item.title)}</span>
                  <span className="row-side">
                    {item.outcome === 'open' ? <Deadline item={item} /> : <Age at={item.closedAt} />}
                  </span>
                  <span className="row-sub">
                    <SeverityMark severity={item.severity} word={false} />
                    {item.aboutName}
                    <span>{item.department && departmentOf(item.department)}</span>
                  </span>
                  <span className="row-side">
                    <CaseStatePill state={item.state} />
                  </span>
                </Link>
              ))}
              {pages.hasNextPage && (
                <Button type="text" block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  {t('app.more')}
                </Button>
              )}
            </div>
          )
        }
      </Answer>
    </Drawer>
  );
}
