// The cases behind one number.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { CaseMeasure } from '../api/schema';
import { CaseStatePill, Deadline } from '../cases/parts';
import '../cases/cases.css';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useDepartmentName } from '../ui/Attribute';
import { SeverityMark } from '../ui/marks';
import { Answer, Blank } from '../ui/states';
import type { queryOf } from './period';
import { useGroupName } from './SupervisePage';

export interface Counted {
  measure: CaseMeasure;
  key?: string; // of one group; all of them when absent
}

export function Behind(props: { number: Counted; query: ReturnType<typeof queryOf>; close: () => void }) {
  const { number, query, close } = props;
  const { t } = useTranslation();
  const text = useText();
  const departmentOf = useDepartmentName();
  const nameOf = useGroupName(query.by);
  const wish = { ...query, key: number.key };
  const pages = useInfiniteQuery({
    queryKey: keys.statistics({ ...wish, measure: number.measure }),
    queryFn: ({ pageParam }) => api.countedCases(number.measure, { ...wish, limit: 100, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
  const total = pages.data?.pages[0]?.total;
  const name = `${t(`measure.${number.measure}`)}${number.key === undefined ? '' : ` · ${nameOf(number.key)}`}`;
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
