// The own proposals, what waits for the applicant first, and a way to begin another.
import { PlusOutlined } from '@ant-design/icons';
import type { AwardCycle, AwardHead } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Page } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { Alert, Button, Modal, Select } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { distinctionOf } from '../parts/distinction';
import { StagePill } from '../parts/stage';
import { Countdown, useServerNow, ZonedTime } from '../parts/times';
import { inZone } from '../parts/zone';
import { useWords } from '../words';
import './applicant.css';
import { entryApi, useCycles, useEntries, useProfile, usePutEntry } from './api';
import { changedSince } from './EntryPage';
import { categoryOf } from './form';
import { useEntryStep } from './Waiting';

const waits = ['asked', 'questioned', 'shortlisted'];
export const waitsForMe = (entry: AwardHead): boolean =>
  waits.includes(entry.stage) || entry.stage === 'draft' || changedSince(entry);

function useNextStep(): (entry: AwardHead, cycle: AwardCycle | undefined) => string {
  const t = useWords();
  return (entry, cycle) => {
    if (entry.stage === 'draft') return t(cycle?.entry.open ? 'applicant.next.finish' : 'applicant.next.closed');
    if (changedSince(entry)) return t('applicant.next.changed');
    if (entry.stage === 'asked') return t('applicant.next.asked');
    if (entry.stage === 'questioned') return t('applicant.next.questioned');
    if (entry.stage === 'shortlisted') return t('applicant.next.shortlisted');
    if (entry.stage === 'confirmed') return t('applicant.next.confirmed');
    return '';
  };
}

function EntryCard({ entry, cycle, now }: { entry: AwardHead; cycle: AwardCycle | undefined; now: number }) {
  const t = useWords();
  const text = useText();
  const next = useNextStep()(entry, cycle);
  const prize = entry.stage === 'awarded' && entry.prize;
  return (
    <li className={`entry-card${waitsForMe(entry) ? ' is-waiting' : ''}`} data-entry={entry.id}>
      <Link to={`/awards/entries/${encodeURIComponent(entry.id)}`}>
        <span className="entry-card-head">
          <span className="num muted">{entry.number || t('applicant.entries.noNumber')}</span>
          <StagePill of={entry} />
        </span>
        <strong>{entry.title || t('applicant.entries.untitled')}</strong>
        <span className="muted">
          {cycle ? text(cycle.name) : entry.cycle}
          {entry.category && cycle && ` · ${text(categoryOf(cycle, entry.category)?.name)}`}
        </span>
        {prize && <span className="entry-prize">{text(distinctionOf(cycle, prize))}</span>}
        {next && <span className="entry-next">{next}</span>}
        {entry.stage === 'draft' && cycle?.entry.open && <Countdown until={cycle.entry.closes} now={now} />}
        {entry.submittedAt && cycle && (
          <small className="muted num">
            {t('applicant.entries.submittedAt', { at: inZone(Date.parse(entry.submittedAt), cycle.timeZone) })}
          </small>
        )}
      </Link>
    </li>
  );
}

function NewEntry({ cycles, open, close }: { cycles: AwardCycle[]; open: boolean; close: () => void }) {
  const t = useWords();
  const text = useText();
  const go = useNavigate();
  const put = usePutEntry();
  const { busy, run } = useEntryStep();
  const [cycleId, setCycle] = useState<string>();
  const [category, setCategory] = useState('');
  const cycle = cycles.find(({ id }) => id === cycleId) ?? cycles[0];
  const make = () =>
    run(async () => {
      if (!cycle) return;
      const made = await entryApi.make(cycle.id, category);
      put(made);
      void go(`/awards/entries/${encodeURIComponent(made.id)}`);
    });
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t('applicant.entries.new')}
      okText={t('applicant.entries.begin')}
      okButtonProps={{ loading: busy, disabled: !cycle }}
      onOk={() => void make()}
      destroyOnHidden
    >
      <div className="new-entry">
        <label htmlFor="new-cycle">{t('applicant.entries.cycle')}</label>
        <Select
          id="new-cycle"
          value={cycle?.id}
          options={cycles.map(({ id, name }) => ({ value: id, label: text(name) }))}
          onChange={(id) => {
            setCycle(id);
            setCategory('');
          }}
        />
        <label htmlFor="new-category">{t('applicant.form.category')}</label>
        <Select
          id="new-category"
          value={category || undefined}
          placeholder={t('applicant.entries.later')}
          allowClear
          options={cycle?.categories.map(({ id, name }) => ({ value: id, label: text(name) }))}
          onChange={(id?: string) => setCategory(id ?? '')}
        />
        <p className="muted">{t('applicant.form.categoryHint')}</p>
      </div>
    </Modal>
  );
}

function OpenCycles({ cycles, now }: { cycles: AwardCycle[]; now: number }) {
  const t = useWords();
  const text = useText();
  return (
    <ul className="open-cycles">
      {cycles.map((cycle) => (
        <li key={cycle.id}>
          <Link to={`/awards/cycles?cycle=${encodeURIComponent(cycle.id)}`}>{text(cycle.name)}</Link>
          <span className="muted">
            {t('applicant.form.until')} <ZonedTime at={cycle.entry.closes} zone={cycle.timeZone} end />
          </span>
          <Countdown until={cycle.entry.closes} now={now} urgentS={3 * 86400} />
        </li>
      ))}
    </ul>
  );
}

export function EntriesPage() {
  const t = useWords();
  const cycles = useCycles();
  const entries = useEntries();
  const profile = useProfile();
  const now = useServerNow(cycles.data?.cycles[0], cycles.dataUpdatedAt);
  const [making, setMaking] = useState(false);
  const all = cycles.data?.cycles ?? [];
  const open = all.filter((cycle) => cycle.entry.open);
  const unnamed = profile.data !== undefined && !profile.data.unit.zh && !profile.data.unit.en;
  const order = (a: AwardHead, b: AwardHead) =>
    Number(waitsForMe(b)) - Number(waitsForMe(a)) || (b.changedAt ?? '').localeCompare(a.changedAt ?? '');
  return (
    <Page
      title={t('applicant.tabs.entries')}
      tools={
        <Button
          type="primary"
          icon={<PlusOutlined />}
          disabled={open.length === 0 || unnamed}
          onClick={() => setMaking(true)}
          data-act="new"
        >
          {t('applicant.entries.new')}
        </Button>
      }
    >
      <div className="award-parts">
        {unnamed && (
          <Alert
            type="info"
            showIcon
            title={t('applicant.unit.first')}
            action={<Link to="/awards/unit">{t('applicant.unit.fill')}</Link>}
          />
        )}
        {open.length > 0 ? (
          <OpenCycles cycles={open} now={now} />
        ) : (
          cycles.data && <p className="muted">{t('applicant.entries.noneOpen')}</p>
        )}
        <Answer query={entries} rows={4}>
          {(page) =>
            page.entries.length === 0 ? (
              <Blank title={t('applicant.entries.none')} hint={t('applicant.entries.noneHint')} />
            ) : (
              <ul className="entry-cards">
                {[...page.entries].sort(order).map((entry) => (
                  <EntryCard key={entry.id} entry={entry} cycle={all.find(({ id }) => id === entry.cycle)} now={now} />
                ))}
              </ul>
            )
          }
        </Answer>
      </div>
      <NewEntry cycles={open} open={making} close={() => setMaking(false)} />
    </Page>
  );
}
