// All proposals of a cycle as a table: narrowed by stage, category and words; picked by x, and taken on together.
import type { AwardCycle, AwardHead } from '@console/api/schema';
import { useText } from '@console/i18n';
import { usePicks } from '@console/inbox/use_picks';
import { Age } from '@console/ui/Age';
import { useAddressByName } from '@console/ui/address';
import { useHotkeys } from '@console/ui/hotkeys';
import { useListKeys } from '@console/ui/list_keys';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { useSettled } from '@console/ui/use_settled';
import { Button, Checkbox, Input, type InputRef, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { isStage, StagePill, useStageName } from '../parts/stage';
import { useProposals } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { MoreRows } from '../staff/MoreRows';
import { inBulk, proposalStages, type SecretaryVerb, secretaryMay } from '../staff/stages';
import { useWords } from '../words';
import { StepDialogue } from './StepDialogue';

// Which steps can be taken for picked proposals, and for how many of them.
export function bulkOffers(picked: readonly AwardHead[]): { verb: SecretaryVerb; of: AwardHead[] }[] {
  return inBulk
    .map((verb) => ({ verb, of: picked.filter(({ stage }) => secretaryMay(stage, null).includes(verb)) }))
    .filter(({ of }) => of.length > 0);
}

function Filters({ cycle, total }: { cycle: AwardCycle; total: number | undefined }) {
  const t = useWords();
  const name = useStageName();
  const text = useText();
  const [params, put] = useAddressByName();
  const [words, setWords] = useState(params.get('q') ?? '');
  const settled = useSettled(words, 250);
  const input = useRef<InputRef>(null);
  useHotkeys({ '/': () => input.current?.focus() });
  useEffect(() => put('q', settled), [settled]);
  return (
    <div className="award-filters">
      <Input
        ref={input}
        allowClear
        value={words}
        onChange={({ target }) => setWords(target.value)}
        placeholder={t('secretariat.list.search')}
        aria-label={t('secretariat.list.search')}
      />
      <Select
        aria-label={t('staff.stageOf')}
        value={params.get('stage') ?? ''}
        onChange={(value) => put('stage', value)}
        options={[
          { value: '', label: t('secretariat.list.anyStage') },
          ...proposalStages.map((value) => ({ value, label: name(value) })),
        ]}
      />
      <Select
        aria-label={t('staff.category')}
        value={params.get('category') ?? ''}
        onChange={(value) => put('category', value)}
        options={[
          { value: '', label: t('secretariat.list.anyCategory') },
          ...cycle.categories.map((one) => ({ value: one.id, label: text(one.name) })),
        ]}
      />
      <span className="muted num" role="status">
        {total === undefined ? '' : t('secretariat.list.total', { n: total })}
      </span>
    </div>
  );
}

function List({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const text = useText();
  const [params] = useSearchParams();
  const stage = params.get('stage') ?? '';
  const query = useProposals(cycle.id, {
    stage: isStage(stage) ? stage : '',
    category: params.get('category') ?? '',
    q: params.get('q') ?? '',
  });
  const list = useListKeys(undefined);
  const picks = usePicks();
  const [step, setStep] = useState<{ verb: SecretaryVerb; of: AwardHead[] } | null>(null);
  const all = query.data?.pages.flatMap(({ proposals }) => proposals);
  const picked = (all ?? []).filter(({ id }) => picks.ids.has(id));
  const offers = bulkOffers(picked);
  const focused = () => (document.activeElement as HTMLElement | null)?.dataset.row;
  useHotkeys({
    x: () => {
      const id = focused();
      if (id) picks.toggle(id);
    },
    X: () => {
      const id = focused();
      if (id)
        picks.extend(
          id,
          (all ?? []).map((each) => each.id),
        );
    },
    '*': () => picks.set((all ?? []).map(({ id }) => id)),
    '.': () => offers[0] && setStep(offers[0]),
    ...(picked.length ? { Escape: picks.clear } : {}),
  });
  const name = (id: string) => text(cycle.categories.find((each) => each.id === id)?.name) || id;
  return (
    <>
      <Filters cycle={cycle} total={query.data?.pages[0]?.total} />
      {picked.length > 0 && (
        <div className="bulk-line" role="toolbar" aria-label={t('secretariat.bulk.bar')}>
          <strong className="num">{t('secretariat.bulk.picked', { n: picked.length })}</strong>
          {offers.map((offer, i) => (
            <Button
              key={offer.verb}
              size="small"
              type={i === 0 ? 'primary' : 'default'}
              onClick={() => setStep(offer)}
              data-verb={offer.verb}
            >
              {t(`secretariat.verb.${offer.verb}`)} ({offer.of.length}){i === 0 && <kbd>.</kbd>}
            </Button>
          ))}
          {offers.length === 0 && <span className="muted">{t('secretariat.bulk.nothing')}</span>}
          <Button size="small" type="text" onClick={picks.clear}>
            {t('secretariat.bulk.none')}
          </Button>
        </div>
      )}
      <Answer query={{ ...query, data: all, refetch: query.refetch }} rows={10}>
        {(proposals) =>
          proposals.length === 0 ? (
            <Blank title={t('secretariat.list.nothing')} hint={t('secretariat.list.nothingHint')} />
          ) : (
            <div className="section section-flush" ref={list}>
              <TableScroll label={t('secretariat.tabs.proposals')}>
                <table className="groups proposals">
                  <thead>
                    <tr>
                      <th>
                        <Checkbox
                          aria-label={t('secretariat.list.pickAll')}
                          checked={picked.length === proposals.length}
                          indeterminate={picked.length > 0 && picked.length < proposals.length}
                          onChange={({ target }) =>
                            target.checked ? picks.set(proposals.map(({ id }) => id)) : picks.clear()
                          }
                        />
                      </th>
                      <th>{t('staff.number')}</th>
                      <th>{t('staff.title')}</th>
                      <th>{t('staff.category')}</th>
                      <th>{t('staff.stageOf')}</th>
                      <th className="num">{t('staff.version')}</th>
                      <th>{t('staff.changed')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {proposals.map((one) => (
                      <tr key={one.id} data-proposal={one.number} aria-selected={picks.ids.has(one.id)}>
                        <td>
                          <Checkbox
                            aria-label={t('secretariat.list.pick', { number: one.number })}
                            checked={picks.ids.has(one.id)}
                            onChange={() => picks.toggle(one.id)}
                          />
                        </td>
                        <td>{one.number}</td>
                        <td className="wide">
                          <Link to={`/awards/proposals/${one.id}?${params}`} data-row={one.id}>
                            {one.title || t('staff.untitled')}
                          </Link>
                        </td>
                        <td>{name(one.category)}</td>
                        <td>
                          <StagePill of={one} />
                        </td>
                        <td className="num">{one.version}</td>
                        <td>
                          <Age at={one.changedAt} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </TableScroll>
              <MoreRows of={query} />
            </div>
          )
        }
      </Answer>
      <p className="muted keys-hint">{t('secretariat.list.keys')}</p>
      {step && (
        <StepDialogue
          cycle={cycle}
          verb={step.verb}
          proposals={step.of}
          close={() => {
            setStep(null);
            picks.clear();
          }}
        />
      )}
    </>
  );
}

export function ProposalsPage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.proposals')}>{(cycle) => <List key={cycle.id} cycle={cycle} />}</CyclePage>
  );
}
