// Budgeting rounds as staff hold them: made and changed until they open, watched while they run, counted in public.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { citizensApi } from '../api/citizens_api';
import { keys } from '../api/keys';
import { useMay } from '../api/queries';
import type { Round } from '../api/schema';
import '../cases/cases.css';
import { useLanguage, useText } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { useListKeys } from '../ui/list_keys';
import { Pill } from '../ui/marks';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { dateOf } from '../ui/time';
import { RoundDetail, roundTones } from './RoundDetail';
import { RoundForm } from './RoundForm';
import { firstRound, moneyText } from './round_form';

const refreshMs = 30_000;

function Row({ round, chosen, choose }: { round: Round; chosen: boolean; choose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const language = useLanguage();
  return (
    <button type="button" className="row" aria-current={chosen} data-row={round.id} onClick={choose}>
      <span className="row-title">{text(round.name)}</span>
      <span className="row-side">
        <Pill tone={roundTones[round.state]}>{t(`roundState.${round.state}`)}</Pill>
      </span>
      <span className="row-sub">
        {dateOf(Date.parse(round.opensAt))} – {dateOf(Date.parse(round.closesAt))}
      </span>
      <span className="row-side num">{moneyText(round.budget, round.currency, language)}</span>
    </button>
  );
}

export function RoundsPage() {
  const { t } = useTranslation();
  usePageTitle(t('round.title'));
  const may = useMay('hold_rounds');
  const query = useQuery({ queryKey: keys.rounds, queryFn: citizensApi.rounds, refetchInterval: refreshMs });
  const [params, setParams] = useSearchParams();
  const rounds = query.data?.rounds ?? [];
  const settings = useQuery({
    queryKey: keys.participation,
    queryFn: citizensApi.participation,
    staleTime: Infinity,
    enabled: may && query.data?.rounds.length === 0, // every round tells the currency
  });
  const currency = rounds[0]?.currency ?? settings.data?.currency ?? '';
  const wanted = params.get('round');
  const chosen = rounds.find((each) => each.id === wanted) ?? firstRound(rounds);
  const choose = (round: string) => setParams(round ? { round } : {}, { replace: true });
  // By its id: what the form shows of it is as the server has it by now.
  const [asked, ask] = useState<string | null>(null);
  const list = useListKeys(chosen?.id);
  useHotkeys({
    n: () => may && ask(''),
    e: () => chosen?.mayHold && ask(chosen.id),
  });
  const close = (saved?: Round) => {
    ask(null);
    if (saved) choose(saved.id);
  };
  return (
    <div className={`split${wanted ? ' split-open' : ''}`}>
      <section className="split-list" aria-label={t('round.list')}>
        <header className="split-head">
          <span className="split-title">
            <h1>{t('round.title')}</h1>
            {may && (
              <Button type="primary" size="small" icon={<PlusOutlined />} onClick={() => ask('')} data-act="make-round">
                {t('round.make')}
              </Button>
            )}
          </span>
        </header>
        <Answer query={query} rows={6}>
          {() =>
            rounds.length === 0 ? (
              <Blank title={t('round.none')} hint={t('round.noneHint')} />
            ) : (
              <div className="rows" ref={list}>
                {rounds.map((round) => (
                  <Row key={round.id} round={round} chosen={round.id === chosen?.id} choose={() => choose(round.id)} />
                ))}
              </div>
            )
          }
        </Answer>
      </section>
      <section className="split-detail" aria-label={t('round.one')}>
        {chosen ? (
          <>
            <Button type="link" className="narrow-back" onClick={() => choose('')}>
              {t('seats.backToList')}
            </Button>
            <RoundDetail round={chosen} open={() => ask(chosen.id)} />
          </>
        ) : (
          <Blank title={t('round.choose')} hint={t('round.lead')} />
        )}
      </section>
      {asked !== null && (
        <RoundForm key={asked} round={rounds.find((each) => each.id === asked)} currency={currency} close={close} />
      )}
    </div>
  );
}
