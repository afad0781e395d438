// The entities and cases behind a number, what pulls it the wrong way first; each opens where it is at home.
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { indicatorApi } from '../api/evaluation_api';
import { keys } from '../api/keys';
import type { Indicator, IndicatorBehind as Page } from '../api/schema';
import { Age } from '../ui/Age';
import { csvOf, saveFile } from '../ui/files';
import { useListKeys } from '../ui/list_keys';
import { Pill } from '../ui/marks';
import { Section } from '../ui/Page';
import { Answer, Blank, useProblemText } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { useNumber } from './words';

type BehindRow = Page['rows'][number];
const pageRows = 50;
const filePageRows = 1000;
const fileRowsMax = 20_000;

async function allBehind(id: string, area: string): Promise<{ rows: BehindRow[]; whole: boolean }> {
  const rows: BehindRow[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await indicatorApi.behind(id, { area, limit: filePageRows, cursor });
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
    if (!cursor || rows.length >= fileRowsMax) return { rows, whole: !cursor };
  }
}

const homes: Record<string, string> = { Case: '/cases/', Finding: '/findings/' };

// Where a thing is at home in the console; commands have one page for all.
export function homeOf(id: string, type: string): string {
  const home = homes[type];
  if (home) return `${home}${encodeURIComponent(id)}`;
  return type === 'Command' ? '/commands' : `/live?entity=${encodeURIComponent(id)}`;
}

function Rows({ rows, page }: { rows: BehindRow[]; page: Page }) {
  const { t } = useTranslation();
  const number = useNumber();
  const list = useListKeys(undefined);
  // Of a count each is one, which says nothing; whether it holds says more than a 1.
  const telling = rows.some((row) => row.contributes !== null && row.contributes !== 1 && row.holds === undefined);
  const holds = rows.some((row) => row.holds !== undefined);
  return (
    <TableScroll label={t('evaluation.behind')}>
      <div ref={list}>
        <table className="groups">
          <thead>
            <tr>
              <th scope="col">{t('evaluation.what')}</th>
              {telling && (
                <th scope="col" className="num">
                  {t('evaluation.contributes')}
                </th>
              )}
              {holds && <th scope="col">{t('evaluation.holds')}</th>}
              <th scope="col">{t('evaluation.state')}</th>
              <th scope="col">{t('evaluation.at')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <Link to={homeOf(row.id, page.type)} data-row={row.id}>
                    {row.name || row.id}
                  </Link>
                </th>
                {telling && <td className="num">{number(row.contributes, page.unit)}</td>}
                {holds && <td>{row.holds === undefined ? '—' : t(row.holds ? 'evaluation.yes' : 'evaluation.no')}</td>}
                <td>
                  {row.state === 'present' ? (
                    <span className="muted">{t('evaluation.input_present')}</span>
                  ) : (
                    <Pill tone="stale">{t(`evaluation.input_${row.state}`)}</Pill>
                  )}
                </td>
                <td className="muted">
                  <Age at={row.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </TableScroll>
  );
}

export function IndicatorBehind({ one, area }: { one: Indicator; area: string }) {
  const { t } = useTranslation();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const pages = useInfiniteQuery({
    queryKey: keys.indicators('behind', { id: one.id, area }),
    queryFn: ({ pageParam }) => indicatorApi.behind(one.id, { area, limit: pageRows, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last: Page) => last.next ?? undefined,
    retry: false,
  });
  const first = pages.data?.pages[0];
  const save = useMutation({
    mutationFn: () => allBehind(one.id, area),
    onSuccess: ({ rows, whole }) => {
      if (!whole) void message.warning(t('evaluation.fileCut', { n: rows.length }), 8);
      saveFile(
        csvOf([
          ['id', 'name', 'state', 'contributes', 'unit', 'holds', 'at'],
          ...rows.map((row) => [row.id, row.name, row.state, row.contributes, one.unit, row.holds?.toString(), row.at]),
        ]),
        `${one.id}-behind.csv`,
      );
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
  return (
    <Section
      flush
      title={`${t('evaluation.behind')}${first ? ` · ${first.total}` : ''}`}
      tools={
        <Button size="small" loading={save.isPending} onClick={() => save.mutate()} disabled={!first?.total}>
          {t('evaluation.csv')}
        </Button>
      }
    >
      <Answer query={{ ...pages, data: pages.data?.pages, refetch: pages.refetch }} rows={6}>
        {(all) => {
          const page = all[0];
          const rows = all.flatMap((each) => each.rows);
          if (!page) return null;
          return (
            <>
              {!page.exact && <p className="behind-note muted">{t('evaluation.notExact')}</p>}
              {page.hidden > 0 && <p className="behind-note muted">{t('evaluation.hidden', { n: page.hidden })}</p>}
              {rows.length === 0 ? <Blank title={t('evaluation.nothingBehind')} /> : <Rows rows={rows} page={page} />}
              {pages.hasNextPage && (
                <Button type="text" block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  {t('app.more')}
                </Button>
              )}
            </>
          );
        }}
      </Answer>
    </Section>
  );
}
