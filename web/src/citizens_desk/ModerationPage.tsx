// What citizens wrote and sent, what was flagged and then the oldest first, to be shown to the public or not.
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useAddress } from '../ui/address';
import '../cases/cases.css';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useHotkeys } from '../ui/hotkeys';
import { useListKeys } from '../ui/list_keys';
import { Pill } from '../ui/marks';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { ModerationForm } from './ModerationForm';
import { type Decision, type Moderated, type Source, sources } from './moderated';
import { useModerationPages, useTakeBack, useWaitingCount } from './use_moderation';

const states = ['waiting', 'decided', 'all'] as const;

function Row({ item, chosen, choose }: { item: Moderated; chosen: boolean; choose: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="row" aria-current={chosen} data-row={item.id} onClick={choose}>
      <span className="row-title">{item.publicTitle ?? (item.masked || item.title)}</span>
      <span className="row-side">
        <Age at={item.at} />
      </span>
      <span className="row-sub">
        {item.publicTitle === undefined ? item.title : item.masked} <code>{item.code}</code>
        {item.media.length > 0 && t('photo.count', { n: item.media.length })}
      </span>
      <span className="row-side">
        {item.flags > 0 ? (
          <Pill tone="alarm">{t('moderation.flags', { n: item.flags })}</Pill>
        ) : item.state === 'waiting' && item.found.length > 0 ? (
          <Pill tone="alarm">{t('moderation.personal', { n: item.found.length })}</Pill>
        ) : (
          t(`moderationState.${item.state}`)
        )}
      </span>
    </button>
  );
}

interface Last {
  item: Moderated;
  shown: boolean;
}

// What was decided just before, and the way back: a comment waits again; of the others the decision is looked at once more.
function LastDecision({ last, source, lookAgain }: { last: Last; source: Source; lookAgain: (state: string) => void }) {
  const { t } = useTranslation();
  const takeBack = useTakeBack(() => lookAgain('waiting'));
  const back = () => (source === 'comments' ? takeBack.mutate(last.item.id) : lookAgain('all'));
  useHotkeys({ z: back }, !takeBack.isPending);
  return (
    <p className="last-decision" role="status">
      <span className="last-decision-text">
        {t(last.shown ? 'moderation.nowShown' : 'moderation.nowHidden', {
          what: last.item.publicTitle ?? (last.item.masked || last.item.title),
        })}
      </span>
      <Button size="small" loading={takeBack.isPending} onClick={back} data-act="undo">
        {t(source === 'comments' ? 'moderation.undo' : 'moderation.lookAgain')}
        <kbd>z</kbd>
      </Button>
    </p>
  );
}

export function ModerationPage() {
  const { t } = useTranslation();
  usePageTitle(t('moderation.title'));
  const text = useText();
  const [params, put] = useAddress();
  const [, setParams] = useSearchParams();
  const source = sources.find((each) => each === params.get('of')) ?? 'reports';
  const counts = useWaitingCount(true);
  const state = states.find((each) => each === params.get('state')) ?? 'waiting';
  const wanted = params.get('item');
  const pages = useModerationPages(source, state, text);
  const items = pages.data?.pages.flatMap((page) => page.items);
  const at = items?.findIndex((item) => item.id === wanted) ?? -1;
  const chosen = items?.[at];
  const list = useListKeys(wanted ?? undefined);
  const [last, setLast] = useState<Last | null>(null);
  const turnTo = (changes: { of?: Source; state?: string }) => {
    setLast(null);
    setParams({ of: source, state, ...changes }, { replace: true });
  };
  // Whoever has decided one goes on with the next.
  const told = (item: Moderated, { shown }: Decision) => {
    setLast({ item, shown });
    put({ item: items?.[at + 1]?.id ?? items?.[at - 1]?.id ?? '' });
  };
  const reopened = (item: string, to = 'waiting') => {
    setLast(null);
    put({ state: to, item });
  };
  return (
    <div className={`split${chosen ? ' split-open' : ''}`}>
      <section className="split-list" aria-label={t('moderation.list')}>
        <header className="split-head">
          <h1>{t('moderation.title')}</h1>
          <Segmented
            aria-label={t('moderation.what')}
            value={source}
            onChange={(of) => turnTo({ of })}
            options={sources.map((value) => ({
              value,
              label: `${t(`moderation.${value}`)}${counts?.[value] ? ` (${counts[value]})` : ''}`,
            }))}
          />
          <Segmented
            aria-label={t('finding.status')}
            value={state}
            onChange={(value) => turnTo({ state: value })}
            options={states.map((value) => ({ value, label: t(`moderation.${value}`) }))}
          />
          {last && <LastDecision last={last} source={source} lookAgain={(to) => reopened(last.item.id, to)} />}
        </header>
        <Answer query={{ ...pages, data: items, refetch: pages.refetch }}>
          {(found) =>
            found.length === 0 ? (
              <Blank
                title={t(state === 'waiting' ? 'moderation.nothingWaits' : 'moderation.nothing')}
                hint={t('moderation.nothingHint')}
              />
            ) : (
              <div className="rows" ref={list}>
                {found.map((item) => (
                  <Row key={item.id} item={item} chosen={item.id === wanted} choose={() => put({ item: item.id })} />
                ))}
                {pages.hasNextPage && (
                  <Button
                    type="text"
                    block
                    loading={pages.isFetchingNextPage}
                    onClick={() => void pages.fetchNextPage()}
                  >
                    {t('app.more')}
                  </Button>
                )}
              </div>
            )
          }
        </Answer>
      </section>
      <section className="split-detail" aria-label={t('moderation.one')}>
        {chosen ? (
          <>
            <Button type="link" className="narrow-back" onClick={() => put({ item: '' })}>
              {t('seats.backToList')}
            </Button>
            <ModerationForm
              key={`${chosen.id} ${chosen.decidedAt}`}
              source={source}
              item={chosen}
              told={told}
              reopened={reopened}
              choose={(comment) => setParams({ of: 'comments', state: 'all', item: comment }, { replace: true })}
            />
          </>
        ) : (
          <Blank title={t('moderation.choose')} hint={t('moderation.chooseHint')} />
        )}
      </section>
    </div>
  );
}
