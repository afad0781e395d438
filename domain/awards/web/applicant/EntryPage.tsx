// One proposal: its form while it may be changed, and all that follows once it was handed in.
//
//   useEntry, useCycle ─▶ [EntryPage] ─▶ Confirmation, Transfer, Questions, Film   what waits for the applicant, first
//                                     ─▶ EntryForm, FilesPart │ Missing, submit     the form with what it lacks beside it
//                                     ─▶ Receipts, Publication, Certificate, Withdrawal
import { ArrowLeftOutlined, SendOutlined } from '@ant-design/icons';
import type { AwardCycle, AwardEntry } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Page, Section } from '@console/ui/Page';
import { Answer } from '@console/ui/states';
import { toMs } from '@console/ui/time';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button } from 'antd';
import { useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import { StagePill } from '../parts/stage';
import { Countdown, useServerNow, ZonedTime } from '../parts/times';
import { Answers } from '../staff/Answers';
import { useWords } from '../words';
import '../staff/staff.css';
import './applicant.css';
import { Certificate, Publication, Withdrawal } from './After';
import { awardKeys, entryApi, useCycle, useEntry } from './api';
import { EntryForm } from './EntryForm';
import { FilesPart, useResumed } from './FilesPart';
import { categoryOf, fieldLacks, fileLacks, leastOf, otherLacks } from './form';
import { goToField, Missing } from './Missing';
import { ReceiptModal, Receipts, type ShownReceipt } from './Receipts';
import { SaveNote } from './SaveNote';
import { useDraft } from './use_draft';
import { Confirmation, Film, Questions, Transfer, useEntryStep } from './Waiting';

const isSubmission = (stage: string) => stage === 'draft' || stage === 'submitted';

// Changed after the version that counts was handed in.
export const changedSince = (entry: Pick<AwardEntry, 'changedAt' | 'submittedAt' | 'stage'>): boolean =>
  isSubmission(entry.stage) && (toMs(entry.changedAt) ?? 0) > (toMs(entry.submittedAt) ?? Infinity);

function useLacks(entry: AwardEntry, cycle: AwardCycle, category: string, answers: Record<string, unknown>) {
  return useMemo(
    () => [...fieldLacks(cycle, category, answers), ...fileLacks(cycle, category, entry)],
    [entry, cycle, category, answers],
  );
}

function Edited({ entry, cycle, now }: { entry: AwardEntry; cycle: AwardCycle; now: number }) {
  const t = useWords();
  const text = useText();
  const client = useQueryClient();
  const { modal } = App.useApp();
  const { busy, run } = useEntryStep();
  const edited = useDraft(entry);
  const { draft, state } = edited;
  const [told, setTold] = useState<ReadonlySet<string>>(new Set());
  const [receipt, setReceipt] = useState<ShownReceipt | null>(null);
  useResumed(entry);
  const submission = isSubmission(entry.stage);
  const closed = submission && !cycle.entry.open;
  const editable = entry.stage === 'asked' || (submission && !closed);
  const lacks = useLacks(entry, cycle, draft.category, draft.answers);
  const others = otherLacks(entry.lacks);
  const category = categoryOf(cycle, draft.category);
  const slots = (cycle.files ?? []).map((slot) => ({ ...slot, needed: leastOf(slot, category) }));
  const changed = changedSince(entry);

  const again = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: awardKeys.entry(entry.id) }),
      client.invalidateQueries({ queryKey: awardKeys.entries }),
    ]);
  const received = (got: ShownReceipt['receipt'] | null) => {
    if (got) setReceipt({ version: entry.version + 1, receipt: got });
    void again();
  };
  // All that is written must be at the server before it is handed in.
  const submit = () =>
    run(async () => {
      if (await edited.flush()) received(await entryApi.submit(entry.id));
    });
  const handIn = () =>
    modal.confirm({
      title: t(entry.number ? 'applicant.submit.askAgain' : 'applicant.submit.ask'),
      content: t('applicant.submit.means'),
      okText: t('applicant.submit.do'),
      cancelText: t('applicant.submit.notYet'),
      onOk: submit,
    });
  function ask(): void {
    setTold(new Set(['*']));
    const first = lacks[0];
    if (first) goToField(first.where, first.language);
    else if (others.length === 0) handIn();
  }

  return (
    <div className="entry-columns">
      <div className="entry-main">
        <Confirmation entry={entry} cycle={cycle} now={now} />
        <Transfer entry={entry} cycle={cycle} now={now} />
        <Questions
          entry={entry}
          cycle={cycle}
          now={now}
          slots={slots}
          before={edited.flush}
          answered={(got) => received(got)}
        />
        <Film entry={entry} cycle={cycle} now={now} />
        <Certificate entry={entry} cycle={cycle} />
        {entry.stage === 'draft' && closed && <Alert type="warning" showIcon title={t('applicant.form.closed')} />}
        {editable ? (
          <EntryForm
            cycle={cycle}
            draft={draft}
            lacks={lacks}
            told={told}
            categoryFixed={!submission}
            onChange={edited.change}
            onSeen={(where) => setTold((before) => new Set(before).add(where))}
          />
        ) : (
          <Section title={text(category?.name) || t('applicant.form.title')}>
            <Answers cycle={cycle} answers={entry.answers} />
          </Section>
        )}
        {entry.stage !== 'questioned' && <FilesPart entry={entry} slots={slots} round="submission" taking={editable} />}
      </div>
      <aside className="entry-side">
        {editable && (
          <>
            <SaveNote state={state} takeTheirs={edited.takeTheirs} keepMine={edited.keepMine} />
            <Missing cycle={cycle} category={draft.category} lacks={lacks} others={others} />
            {changed && <Alert type="warning" showIcon title={t('applicant.submit.changed', { n: entry.version })} />}
            {submission && (
              <Button
                type="primary"
                size="large"
                block
                icon={<SendOutlined />}
                loading={busy}
                onClick={ask}
                data-act="submit"
              >
                {t(entry.number ? 'applicant.submit.again' : 'applicant.submit.do')}
              </Button>
            )}
          </>
        )}
        <Receipts entry={entry} cycle={cycle} />
        {entry.number !== '' && <Publication entry={entry} cycle={cycle} />}
        <Withdrawal entry={entry} />
      </aside>
      <ReceiptModal fresh shown={receipt} number={entry.number} cycle={cycle} close={() => setReceipt(null)} />
    </div>
  );
}

function Lead({ entry, cycle, now }: { entry: AwardEntry; cycle: AwardCycle; now: number }) {
  const t = useWords();
  const text = useText();
  return (
    <span className="entry-lead">
      <StagePill of={entry} />
      {entry.number && <span className="num">{entry.number}</span>}
      <span>{text(cycle.name)}</span>
      {isSubmission(entry.stage) && cycle.entry.closes && (
        <span>
          {t('applicant.form.until')} <ZonedTime at={cycle.entry.closes} zone={cycle.timeZone} end />{' '}
          <Countdown until={cycle.entry.closes} now={now} urgentS={3 * 86400} />
        </span>
      )}
    </span>
  );
}

export function EntryPage() {
  const t = useWords();
  const { id = '' } = useParams();
  const entry = useEntry(id);
  const cycle = useCycle(entry.data?.cycle);
  const now = useServerNow(cycle.data, cycle.dataUpdatedAt);
  return (
    <Page
      title={entry.data?.title || t('applicant.entries.untitled')}
      lead={entry.data && cycle.data && <Lead entry={entry.data} cycle={cycle.data} now={now} />}
      tools={
        <Link to="/awards/entries" className="link">
          <ArrowLeftOutlined aria-hidden="true" /> {t('applicant.entries.back')}
        </Link>
      }
    >
      <Answer query={entry}>
        {(one) => <Answer query={cycle}>{(of) => <Edited key={one.id} entry={one} cycle={of} now={now} />}</Answer>}
      </Answer>
    </Page>
  );
}
