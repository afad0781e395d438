// One sheet: what may be seen of the proposal on the left, scores and comment on the right. A draft is kept while it is
// written; handing in is asked for once more, and answered with a receipt.
import type { AwardCycle, AwardReceipt, AwardSheet } from '@console/api/schema';
import { useStore } from '@console/api/store';
import { useLanguage, useText } from '@console/i18n';
import { Moment } from '@console/ui/Age';
import { saveFile } from '@console/ui/files';
import { useHotkeys } from '@console/ui/hotkeys';
import { Pill } from '@console/ui/marks';
import { Section, usePageTitle } from '@console/ui/Page';
import { PdfView } from '@console/ui/PdfView';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { clockTime, dateTime, spanText } from '@console/ui/time';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Input, Modal, Result } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { lastMinute } from '../parts/zone';
import { type AnswerMap, Answers } from '../staff/Answers';
import { awardsApi, fileAt, sheetKey, useChange, useSheet, useSheets, useWholeCycle } from '../staff/api';
import { FileList } from '../staff/FileList';
import '../staff/staff.css';
import { windowState } from '../staff/stages';
import { useCycle } from '../staff/use_cycle';
import { useWords } from '../words';
import { keepDraft } from './draft_keeper';
import { ScoreRow } from './ScoreRow';
import { missing, placeOf, type Scores, total } from './scoring';

function KeptMark({ keeper }: { keeper: ReturnType<typeof keepDraft<{ scores: Scores; comment: string }>> }) {
  const t = useWords();
  const problem = useProblemText();
  const { kept, error, at } = useStore(keeper.state);
  return (
    <span className={`kept kept-${kept}`} role="status" data-kept={kept}>
      {kept === 'failed'
        ? t('jury.sheet.failed', { why: problem(error) })
        : kept === 'kept'
          ? at
            ? t('jury.sheet.keptAt', { at: clockTime(at, false) })
            : t('jury.sheet.kept')
          : t('jury.sheet.keeping')}
    </span>
  );
}

function Receipt({ receipt, number, close }: { receipt: AwardReceipt; number: string; close: () => void }) {
  const t = useWords();
  const entry = receipt.entry as { n?: number; at?: string; subject?: string } | undefined;
  const name = `receipt-${(entry?.subject ?? number).replace('/', '-')}.json`;
  return (
    <Modal
      open
      footer={
        <>
          <Button onClick={() => saveFile(new Blob([JSON.stringify(receipt)], { type: 'application/json' }), name)}>
            {t('jury.receipt.save')}
          </Button>
          <Button type="primary" onClick={close} autoFocus data-act="next">
            {t('jury.receipt.next')}
          </Button>
        </>
      }
      onCancel={close}
      title={t('jury.receipt.title')}
    >
      <Result
        status="success"
        title={t('jury.receipt.taken', { number })}
        subTitle={
          <>
            <Moment at={entry?.at} /> · {t('jury.receipt.entry', { n: entry?.n })}
          </>
        }
      />
      <p className="muted">{t('jury.receipt.hint')}</p>
    </Modal>
  );
}

// Asks for a text in a dialogue: why there is a conflict, why a score changes.
function AskWhy(props: {
  title: string;
  hint: string;
  ok: string;
  needed: boolean;
  danger?: boolean;
  done: (why: string) => Promise<unknown>;
  close: () => void;
}) {
  const { title, hint, ok, needed, danger, done, close } = props;
  const t = useWords();
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  return (
    <Modal
      open
      title={title}
      okText={ok}
      cancelText={t('staff.cancel')}
      okButtonProps={{ danger, disabled: needed && !why.trim(), loading: busy, autoFocus: !needed }}
      onCancel={close}
      onOk={() => {
        setBusy(true);
        void done(why.trim()).finally(() => setBusy(false));
      }}
    >
      <p>{hint}</p>
      {needed && (
        <Input.TextArea
          rows={4}
          autoFocus
          maxLength={2000}
          showCount
          value={why}
          onChange={({ target }) => setWhy(target.value)}
          aria-label={t('staff.reason')}
        />
      )}
    </Modal>
  );
}

function Seen({ cycle, sheet }: { cycle: AwardCycle; sheet: AwardSheet }) {
  const t = useWords();
  const files = sheet.files ?? [];
  const first = files.find(({ mediaType }) => mediaType === 'application/pdf');
  const [opened, open] = useState<string | null>(first?.id ?? null);
  const [shown, show] = useState<'texts' | 'file'>('texts');
  useHotkeys({ f: () => opened && show(shown === 'file' ? 'texts' : 'file') });
  const file = files.find(({ id }) => id === opened);
  return (
    <section className="sheet-seen" aria-label={t('jury.sheet.proposal')}>
      <div className="sheet-views" role="toolbar" aria-label={t('jury.sheet.views')}>
        <Button
          size="small"
          type={shown === 'texts' ? 'primary' : 'default'}
          aria-pressed={shown === 'texts'}
          onClick={() => show('texts')}
        >
          {t('jury.sheet.texts')}
        </Button>
        {file && (
          <Button
            size="small"
            type={shown === 'file' ? 'primary' : 'default'}
            aria-pressed={shown === 'file'}
            onClick={() => show('file')}
            data-act="see-file"
          >
            {t('jury.sheet.file')} <kbd>f</kbd>
          </Button>
        )}
        {cycle.doubleBlind && <Pill tone="ok">{t('jury.sheet.blind')}</Pill>}
      </div>
      {shown === 'file' && file ? (
        <PdfView address={fileAt.sheet(sheet.id, file.id)} label={file.name} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="sheet-texts" tabIndex={0} aria-label={t('jury.sheet.texts')}>
          <Answers cycle={cycle} answers={(sheet.answers ?? {}) as AnswerMap} />
          {files.length > 0 && (
            <section className="answer">
              <h3>{t('jury.sheet.files')}</h3>
              <FileList
                cycle={cycle}
                files={files}
                at={(each) => fileAt.sheet(sheet.id, each.id)}
                opened={shown === 'file' ? (opened ?? undefined) : undefined}
                open={(each) => {
                  open(each.id);
                  show('file');
                }}
              />
            </section>
          )}
        </section>
      )}
    </section>
  );
}

function Versions({ cycle, sheet }: { cycle: AwardCycle; sheet: AwardSheet }) {
  const t = useWords();
  const text = useText();
  if (sheet.versions.length === 0) return null;
  return (
    <details className="sheet-versions">
      <summary>{t('jury.sheet.versions', { n: sheet.versions.length })}</summary>
      <ul>
        {sheet.versions.map((one) => (
          <li key={one.version}>
            <strong className="num">{one.version}</strong> <Moment at={one.at} />
            <p className="muted">
              {Object.keys(one.scores).length > 0
                ? (cycle.dimensions ?? []).map(({ id, name }) => `${text(name)} ${one.scores[id] ?? '—'}`).join(' · ')
                : t('jury.sheet.sealed')}
            </p>
            {one.reason && <p>{one.reason}</p>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Judge({ cycle, sheet }: { cycle: AwardCycle; sheet: AwardSheet }) {
  const t = useWords();
  const text = useText();
  const language = useLanguage();
  const go = useNavigate();
  const client = useQueryClient();
  const problem = useProblemText();
  const { message } = App.useApp();
  const others = useSheets().data?.sheets;
  const [scores, setScores] = useState<Scores>(sheet.scores);
  const [comment, setComment] = useState(sheet.comment);
  const [asking, ask] = useState<'hand-in' | 'conflict' | null>(null);
  const [receipt, setReceipt] = useState<AwardReceipt | null>(null);
  const conflict = useChange((why: string) => awardsApi.conflict(sheet.id, why));
  const keeper = useMemo(
    () => keepDraft((draft: { scores: Scores; comment: string }) => awardsApi.save(sheet.id, draft)),
    [sheet.id],
  );
  useEffect(() => () => keeper.stop(), [keeper]);
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => {
      if (keeper.state.get().kept !== 'kept') event.preventDefault();
    };
    window.addEventListener('beforeunload', leaving);
    return () => window.removeEventListener('beforeunload', leaving);
  }, [keeper]);
  const dimensions = cycle.dimensions ?? [];
  const review = cycle.stages.find(({ id }) => id === 'review');
  const now = Date.parse(cycle.now ?? '') || Date.now();
  const state = review ? windowState(review, now) : 'free';
  const closed = state === 'before' || state === 'over';
  const lacking = missing(dimensions, scores);
  const { sum, max } = total(dimensions, scores);
  const form = useRef<HTMLDivElement>(null);
  // What is shown of the sheet elsewhere, or when it is opened again, is the draft as it stands here.
  const keep = (draft: { scores: Scores; comment: string }) => {
    client.setQueryData(sheetKey(sheet.id), { ...sheet, ...draft });
    keeper.change(draft);
  };
  const give = (id: string, value: number) => {
    const next = { ...scores, [id]: value };
    setScores(next);
    keep({ scores: next, comment });
  };
  const write = (words: string) => {
    setComment(words);
    keep({ scores, comment: words });
  };
  const handIn = async (why: string) => {
    if (!(await keeper.flush())) {
      void message.error(t('jury.sheet.notKept'));
      return;
    }
    await awardsApi.handIn(sheet.id, why).then(
      (given) => {
        ask(null);
        setReceipt(given);
      },
      (error: unknown) => void message.error(problem(error)),
    );
  };
  const next = () => {
    void client.invalidateQueries({ queryKey: ['awards'] });
    const rest = (others ?? []).filter(
      (one) => one.id !== sheet.id && ['todo', 'begun', 'again'].includes(placeOf(one)),
    );
    void go(rest[0] ? `/awards/sheets/${rest[0].id}` : '/awards/sheets');
  };
  const focusScores = () => {
    const wanted = lacking[0]?.id ?? dimensions[0]?.id;
    const row = form.current?.querySelector<HTMLElement>(`[data-dimension="${wanted}"]`);
    (row?.querySelector<HTMLInputElement>('input:checked') ?? row?.querySelector<HTMLInputElement>('input'))?.focus();
    row?.scrollIntoView({ block: 'nearest' });
  };
  useHotkeys({
    s: focusScores,
    c: () => form.current?.querySelector('textarea')?.focus(),
    h: () => !closed && lacking.length === 0 && ask('hand-in'),
    Escape: () => void go('/awards/sheets'),
  });
  return (
    <div className="sheet-form" ref={form}>
      <p className={closed ? 'muted' : ''}>
        {state === 'open' && review?.closes
          ? t('jury.list.until', {
              at: dateTime(lastMinute(Date.parse(review.closes)), language, false),
              left: spanText(Date.parse(review.closes) - now),
            })
          : t(state === 'free' ? 'jury.list.free' : state === 'over' ? 'jury.list.over' : 'jury.list.notYet')}
      </p>
      {sheet.version > 0 && sheet.state === 'submitted' && (
        <Alert type="success" showIcon title={t('jury.sheet.handedIn', { n: sheet.version })} />
      )}
      {sheet.version > 0 && sheet.state === 'open' && (
        <Alert type="warning" showIcon title={t('jury.sheet.changing', { n: sheet.version })} />
      )}
      {dimensions.map((dimension) => (
        <ScoreRow
          key={dimension.id}
          cycle={cycle}
          dimension={dimension}
          value={scores[dimension.id]}
          disabled={closed}
          give={(value) => give(dimension.id, value)}
        />
      ))}
      {dimensions.length > 1 && (
        <p className="score-total" data-total={sum}>
          {t('jury.sheet.total')} <strong className="num">{sum}</strong> <span className="muted num">/ {max}</span>
        </p>
      )}
      {(cycle.bonusMax ?? 0) > 0 && (
        <p className="muted">
          {t('jury.sheet.bonus', {
            max: cycle.bonusMax,
            list: (cycle.bonuses ?? []).map(({ name, points }) => `${text(name)} +${points}`).join(' · '),
          })}
        </p>
      )}
      <label className="sheet-comment" htmlFor="sheet-comment">
        {t('jury.sheet.comment')} <kbd>c</kbd>
        <Input.TextArea
          id="sheet-comment"
          rows={5}
          maxLength={4000}
          showCount
          disabled={closed}
          value={comment}
          onChange={({ target }) => write(target.value)}
        />
      </label>
      <div className="sheet-acts">
        <Button
          type="primary"
          disabled={closed || lacking.length > 0}
          onClick={() => ask('hand-in')}
          data-act="hand-in"
        >
          {t(sheet.version > 0 ? 'jury.sheet.handInAgain' : 'jury.sheet.handIn')} <kbd>h</kbd>
        </Button>
        {sheet.version === 0 && (
          <Button danger onClick={() => ask('conflict')} data-act="conflict">
            {t('jury.sheet.conflict')}
          </Button>
        )}
        <KeptMark keeper={keeper} />
      </div>
      {lacking.length > 0 && !closed && (
        <p className="muted">
          {t('jury.sheet.lacking', { list: lacking.map(({ name }) => text(name)).join(' · ') })} <kbd>s</kbd>
        </p>
      )}
      <Versions cycle={cycle} sheet={sheet} />
      {asking === 'hand-in' && (
        <AskWhy
          title={t('jury.sheet.handInTitle', { number: sheet.number ?? '' })}
          hint={`${dimensions.map(({ id, name }) => `${text(name)} ${scores[id]}`).join(' · ')}. ${t(sheet.version > 0 ? 'jury.sheet.againHint' : 'jury.sheet.handInHint')}`}
          ok={t('jury.sheet.handIn')}
          needed={sheet.version > 0}
          done={handIn}
          close={() => ask(null)}
        />
      )}
      {asking === 'conflict' && (
        <AskWhy
          title={t('jury.sheet.conflict')}
          hint={t('jury.sheet.conflictHint')}
          ok={t('jury.sheet.declare')}
          needed
          danger
          done={(why) => conflict.mutateAsync(why).then(next, (error: unknown) => void message.error(problem(error)))}
          close={() => ask(null)}
        />
      )}
      {receipt && <Receipt receipt={receipt} number={sheet.number ?? ''} close={next} />}
    </div>
  );
}

function Opened({ cycle, sheet }: { cycle: AwardCycle; sheet: AwardSheet }) {
  const t = useWords();
  const text = useText();
  usePageTitle(`${t('jury.sheet.title')} ${sheet.number ?? ''}`);
  if (sheet.state === 'conflict')
    return (
      <Blank title={t('jury.sheet.conflictDeclared')} hint={sheet.why}>
        <Link to="/awards/sheets">{t('staff.back')}</Link>
      </Blank>
    );
  return (
    <>
      <header className="award-head sheet-head">
        <nav className="muted">
          <Link to="/awards/sheets">{t('staff.back')}</Link> <kbd>Esc</kbd>
        </nav>
        <h1>
          <span className="num">{sheet.number}</span>{' '}
          <span className="muted">{text(cycle.categories.find(({ id }) => id === sheet.category)?.name)}</span>
        </h1>
      </header>
      <div className="sheet-both">
        <Seen cycle={cycle} sheet={sheet} />
        <Section title={t('jury.sheet.title')}>
          <Judge cycle={cycle} sheet={sheet} />
        </Section>
      </div>
    </>
  );
}

export function SheetPage() {
  const { id = '' } = useParams();
  useCycle(); // its time zone
  const query = useSheet(id);
  const cycle = useWholeCycle(query.data?.cycle ?? '');
  return (
    <div className="page sheet-page">
      <Answer query={query} rows={12}>
        {(sheet) => (
          <Answer query={cycle} rows={12}>
            {(whole) => <Opened key={sheet.id} cycle={whole} sheet={sheet} />}
          </Answer>
        )}
      </Answer>
    </div>
  );
}
