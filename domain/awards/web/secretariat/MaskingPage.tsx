// The masking workbench: every name that was found, what the masker was sure of first, with where it stands; each is left
// masked or put back, others are masked by hand; then it is released to jurors. Nothing is shown to them before.
//
//   opened ─▶ PUT masking ─ goes on at the server, page by page ─▶ found names, blind copies ─▶ decisions ─▶ PUT masking
//   again ─▶ release
import type { AwardCycle, AwardMaskingRun, AwardMaskReport, AwardProposal } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Moment } from '@console/ui/Age';
import { useHotkeys } from '@console/ui/hotkeys';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { Section, usePageTitle } from '@console/ui/Page';
import { PdfView } from '@console/ui/PdfView';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Input, Progress, Segmented } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { awardsApi, fileAt, isUnderWay, useChange, useMasking, useProposal } from '../staff/api';
import { OpenedPage } from '../staff/OpenedPage';
import { useWords } from '../words';
import { type Decided, decide, type Found, foundIn, piecesOf, same, surenesses, toLookAt } from './masked';

const tones = { known: 'ok', pattern: 'ok', guess: 'warn', doubt: 'alarm' } as const;

function FoundRow(props: {
  one: Found;
  decided: Decided;
  looked: boolean;
  choose: (how: 'mask' | 'keep' | 'neither') => void;
  look: () => void;
  fieldName: (id: string) => string;
}) {
  const { one, decided, looked, choose, look, fieldName } = props;
  const t = useWords();
  const kept = decided.keep.includes(one.original);
  const byHand = decided.mask.includes(one.original);
  const masked = byHand || (one.sureness !== 'doubt' && !kept);
  const first = one.places[0];
  return (
    <li
      className={`found found-${one.sureness}${looked || kept || byHand ? ' found-looked' : ''}`}
      data-found={one.original}
    >
      <div className="found-head">
        <button type="button" className="link found-word" data-row={one.key} onClick={look} aria-pressed={looked}>
          {one.original}
        </button>
        <span aria-hidden="true">→</span>
        <span className={masked ? '' : 'muted'}>
          {masked ? one.replacement || t('secretariat.mask.willBe') : t('secretariat.mask.stays')}
        </span>
        <Pill tone={tones[one.sureness]}>{t(`secretariat.mask.kind.${one.kind as 'person'}`)}</Pill>
      </div>
      {one.places.slice(0, 3).map((place, i) => (
        <p key={i} className="found-place">
          <span className="muted">
            {fieldName(place.field)}
            {place.language && ` (${place.language})`}:
          </span>{' '}
          …{place.before}
          <mark className={`mark-${one.sureness}`}>{one.original}</mark>
          {place.after}…
        </p>
      ))}
      <p className="muted found-more">
        {one.places.length > 3 && t('secretariat.mask.morePlaces', { n: one.places.length - 3 })}
        {one.files.length > 0 && ` ${t('secretariat.mask.inFiles', { files: one.files.join(' · ') })}`}
        {!first && one.files.length === 0 && t('staff.none')}
      </p>
      <div className="found-acts">
        {masked ? (
          <>
            <Button size="small" type={looked ? 'primary' : 'default'} onClick={look} disabled={byHand}>
              {t('secretariat.mask.right')} <kbd>a</kbd>
            </Button>
            <Button size="small" onClick={() => choose(byHand ? 'neither' : 'keep')}>
              {t('secretariat.mask.wrong')} <kbd>r</kbd>
            </Button>
          </>
        ) : (
          <>
            <Button size="small" onClick={() => choose(one.sureness === 'doubt' ? 'mask' : 'neither')}>
              {t('secretariat.mask.maskIt')} <kbd>m</kbd>
            </Button>
            {one.sureness === 'doubt' && (
              <Button size="small" type={looked ? 'primary' : 'default'} onClick={look}>
                {t('secretariat.mask.noName')} <kbd>a</kbd>
              </Button>
            )}
          </>
        )}
      </div>
    </li>
  );
}

function Texts({ report, cycle, shown }: { report: AwardMaskReport; cycle: AwardCycle; shown: 'found' | 'masked' }) {
  const text = useText();
  return (
    <div className="masked-texts">
      {report.texts.map((one) => (
        <section key={`${one.field} ${one.language}`} data-field={one.field}>
          <h3>
            {text(cycle.fields?.find(({ id }) => id === one.field)?.name) || one.field}
            {one.language && ` (${one.language})`}
          </h3>
          <p className="answer-text" lang={one.language || undefined}>
            {shown === 'masked'
              ? one.text
              : piecesOf(one).map((piece, i) =>
                  piece.found ? (
                    <mark key={i} className={`mark-${piece.found}`} title={piece.replacement}>
                      {piece.text}
                    </mark>
                  ) : (
                    piece.text
                  ),
                )}
          </p>
        </section>
      ))}
    </div>
  );
}

function Bench({
  cycle,
  proposal,
  report,
  decided: applied,
  apply,
  applying,
}: {
  cycle: AwardCycle;
  proposal: AwardProposal;
  report: AwardMaskReport;
  decided: Decided;
  apply: (decided: Decided) => void;
  applying: boolean;
}) {
  const t = useWords();
  const text = useText();
  const go = useNavigate();
  const problem = useProblemText();
  const { modal, message } = App.useApp();
  const found = useMemo(() => foundIn(report), [report]);
  const [decided, setDecided] = useState(applied);
  const [looked, setLooked] = useState<ReadonlySet<string>>(new Set());
  const [shown, show] = useState<'found' | 'masked' | 'file'>('found');
  const good = report.files.filter((file) => file.problem === '');
  const [files, setFiles] = useState<string[]>(good.map(({ id }) => id));
  const [seen, see] = useState<{ id: string; page?: number }>();
  const [word, setWord] = useState('');
  const list = useListKeys(undefined);
  const left = toLookAt(found, looked, decided);
  const pending = !same(decided, applied);
  const release = useChange((ids: string[]) => awardsApi.release(proposal.id, ids));
  const fieldName = (id: string) => text(cycle.fields?.find((field) => field.id === id)?.name) || id;
  const choose = (one: Found, how: 'mask' | 'keep' | 'neither') => setDecided(decide(decided, one.original, how));
  const look = (one: Found) =>
    setLooked((before) => {
      const next = new Set(before);
      if (!next.delete(one.key)) next.add(one.key);
      return next;
    });
  const atKeys = () => found.find(({ key }) => key === (document.activeElement as HTMLElement | null)?.dataset.row);
  const byHand = (what: string) => {
    const trimmed = what.trim();
    if (trimmed) setDecided(decide(decided, trimmed, 'mask'));
    setWord('');
  };
  useHotkeys({
    a: () => {
      const one = atKeys();
      if (one) look(one);
    },
    r: () => {
      const one = atKeys();
      if (one && one.sureness !== 'doubt') choose(one, 'keep');
    },
    m: () => {
      const one = atKeys();
      const marked = window.getSelection()?.toString() ?? '';
      if (marked.trim()) byHand(marked);
      else if (one?.sureness === 'doubt') choose(one, 'mask');
      else if (one) choose(one, 'neither');
    },
    Escape: () => void go(`/awards/proposals/${proposal.id}`),
  });
  const ask = () =>
    modal.confirm({
      title: t('secretariat.mask.releaseTitle', { number: proposal.number }),
      content: (
        <>
          <p>{t('secretariat.mask.releaseHint', { n: files.length })}</p>
          {left.length > 0 && (
            <Alert type="warning" showIcon title={t('secretariat.mask.unlooked', { n: left.length })} />
          )}
        </>
      ),
      okText: t('secretariat.mask.release'),
      cancelText: t('staff.cancel'),
      onOk: () =>
        release.mutateAsync(files).then(
          () => void go(`/awards/proposals/${proposal.id}`),
          (error: unknown) => void message.error(problem(error)),
        ),
    });
  const hand = decided.mask.filter((each) => !found.some(({ original }) => original === each));
  return (
    <>
      <div className="award-steps" role="toolbar" aria-label={t('secretariat.mask.title')}>
        <Button
          type={pending ? 'primary' : 'default'}
          disabled={!pending}
          loading={applying}
          onClick={() => apply(decided)}
          data-act="apply"
        >
          {t('secretariat.mask.apply')}
        </Button>
        <Button type={pending ? 'default' : 'primary'} disabled={pending || applying} onClick={ask} data-act="release">
          {t('secretariat.mask.release')}
        </Button>
        <span className="muted" role="status">
          {pending
            ? t('secretariat.mask.pending')
            : left.length > 0
              ? t('secretariat.mask.left', { n: left.length })
              : t('secretariat.mask.allLooked')}
        </span>
      </div>
      <div className="mask-bench">
        <section className="mask-found" aria-label={t('secretariat.mask.found')}>
          <Section title={t('secretariat.mask.byHand')}>
            <Input.Search
              value={word}
              onChange={({ target }) => setWord(target.value)}
              onSearch={byHand}
              enterButton={t('secretariat.mask.maskIt')}
              placeholder={t('secretariat.mask.byHandHint')}
              aria-label={t('secretariat.mask.byHand')}
            />
            {hand.length > 0 && (
              <ul className="by-hand">
                {hand.map((each) => (
                  <li key={each}>
                    {each}
                    <Button size="small" type="text" onClick={() => setDecided(decide(decided, each, 'neither'))}>
                      {t('secretariat.mask.takeBack')}
                    </Button>
                  </li>
                ))}
              </ul>
            )}
          </Section>
          <div ref={list}>
            {surenesses.map((sureness) => {
              const of = found.filter((one) => one.sureness === sureness);
              if (of.length === 0) return null;
              return (
                <Section
                  key={sureness}
                  title={t(`secretariat.mask.sure.${sureness}`)}
                  tools={<span className="muted num">{of.length}</span>}
                >
                  <p className="muted">{t(`secretariat.mask.sureHint.${sureness}`)}</p>
                  <ul className="found-list">
                    {of.map((one) => (
                      <FoundRow
                        key={one.key}
                        one={one}
                        decided={decided}
                        looked={looked.has(one.key)}
                        choose={(how) => choose(one, how)}
                        look={() => look(one)}
                        fieldName={fieldName}
                      />
                    ))}
                  </ul>
                </Section>
              );
            })}
            {found.length === 0 && <Blank title={t('secretariat.mask.nothing')} />}
          </div>
        </section>
        <section className="mask-shown" aria-label={t('secretariat.mask.texts')}>
          <Section title={t('secretariat.mask.filesTitle')}>
            {report.files.length === 0 && <p className="muted">{t('secretariat.mask.noPdfs')}</p>}
            <ul className="award-files">
              {report.files.map((file) => (
                <li key={file.id}>
                  <Checkbox
                    disabled={file.problem !== ''}
                    checked={files.includes(file.id)}
                    onChange={({ target }) =>
                      setFiles(target.checked ? [...files, file.id] : files.filter((id) => id !== file.id))
                    }
                  >
                    {file.name}
                  </Checkbox>
                  {file.problem ? (
                    <Pill tone="alarm">{t('secretariat.mask.noCopy', { why: file.problem })}</Pill>
                  ) : (
                    <span className="look-at">
                      <Button
                        size="small"
                        onClick={() => {
                          see({ id: file.id });
                          show('file');
                        }}
                      >
                        {t('secretariat.mask.seeCopy')}
                      </Button>
                      {file.pagesToLookAt.length > 0 && <span>{t('secretariat.mask.lookAt')}</span>}
                      {file.pagesToLookAt.map((page) => (
                        <button
                          key={page}
                          type="button"
                          className="link num"
                          onClick={() => {
                            see({ id: file.id, page });
                            show('file');
                          }}
                        >
                          {page}
                        </button>
                      ))}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </Section>
          <Section
            title={t('secretariat.mask.texts')}
            tools={
              <Segmented
                size="small"
                aria-label={t('secretariat.mask.shown')}
                value={shown}
                onChange={(value) => show(value as typeof shown)}
                options={[
                  { value: 'found', label: t('secretariat.mask.withNames') },
                  { value: 'masked', label: t('secretariat.mask.asJurors') },
                  ...(seen ? [{ value: 'file', label: t('secretariat.mask.copy') }] : []),
                ]}
              />
            }
          >
            {shown === 'file' && seen ? (
              <div className="mask-pdf">
                <PdfView
                  address={fileAt.proposal(proposal.id, seen.id, true)}
                  page={seen.page}
                  label={t('secretariat.mask.copy')}
                />
              </div>
            ) : (
              <Texts report={report} cycle={cycle} shown={shown === 'masked' ? 'masked' : 'found'} />
            )}
          </Section>
        </section>
      </div>
    </>
  );
}

// How far it is, page by page. It goes on without this page.
function UnderWay({ run }: { run: AwardMaskingRun }) {
  const t = useWords();
  const { state, pages, pagesRead, pagesDrawn } = run;
  const drawing = pagesRead >= pages;
  return (
    <div className="masking-run" role="status" data-run={state}>
      <Progress
        percent={pages > 0 ? Math.round((50 * (pagesRead + pagesDrawn)) / pages) : 0}
        status="active"
        aria-label={t('secretariat.mask.progress')}
      />
      <p>
        {state === 'waiting' || pages === 0
          ? t(state === 'waiting' ? 'secretariat.mask.waiting' : 'secretariat.mask.working')
          : t(drawing ? 'secretariat.mask.drawn' : 'secretariat.mask.read', {
              n: drawing ? pagesDrawn : pagesRead,
              of: pages,
            })}{' '}
        <span className="muted">{t('secretariat.mask.mayLeave')}</span>
      </p>
    </div>
  );
}

function Run({ cycle, proposal, run }: { cycle: AwardCycle; proposal: AwardProposal; run: AwardMaskingRun }) {
  const t = useWords();
  const text = useText();
  const problem = useProblemText();
  const client = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: (wish: Decided) => awardsApi.mask(proposal.id, wish),
    onSuccess: () => client.invalidateQueries({ queryKey: ['awards'] }),
  });
  const decided: Decided = {
    mask: run.decisions.mask ?? proposal.masking?.decisions.mask ?? [],
    keep: run.decisions.keep ?? proposal.masking?.decisions.keep ?? [],
  };
  const underWay = isUnderWay(run);
  const released = proposal.masking?.releasedBy;
  const current = run.version === proposal.version;
  // What was found last stays while the decisions upon it are applied.
  const [shown, show] = useState(run.report);
  if (run.report && run.report !== shown && current) show(run.report);
  const due = !released && !underWay && !current;
  useEffect(() => {
    if (due) mutate(decided);
  }, [due]);
  return (
    <>
      {error !== null && <Alert type="error" showIcon title={problem(error)} />}
      {underWay && <UnderWay run={run} />}
      {run.state === 'failed' && (
        <Alert
          type="error"
          showIcon
          title={t('secretariat.mask.failed')}
          description={text(run.problem ?? undefined)}
          action={
            <Button size="small" loading={isPending} onClick={() => mutate(decided)} data-act="again">
              {t('secretariat.mask.anew')}
            </Button>
          }
        />
      )}
      {released && !underWay && (
        <Blank title={t('secretariat.mask.releasedAlready')} hint={t('secretariat.mask.releasedHint')}>
          <p className="muted">
            {released} <Moment at={proposal.masking?.at} />
          </p>
          <Button loading={isPending} onClick={() => mutate(decided)} data-act="again">
            {t('secretariat.mask.again')}
          </Button>
        </Blank>
      )}
      {!released && shown && (
        <Bench
          cycle={cycle}
          proposal={proposal}
          report={shown}
          decided={decided}
          apply={mutate}
          applying={isPending || underWay}
        />
      )}
    </>
  );
}

function Opened({ cycle, proposal }: { cycle: AwardCycle; proposal: AwardProposal }) {
  const t = useWords();
  usePageTitle(`${t('secretariat.mask.title')} ${proposal.number}`);
  const query = useMasking(proposal.id);
  return (
    <>
      <header className="award-head">
        <nav className="muted">
          <Link to={`/awards/proposals/${proposal.id}`}>‹ {proposal.number}</Link>
        </nav>
        <h1>
          {t('secretariat.mask.title')} <span className="muted">{proposal.title}</span>
        </h1>
      </header>
      <Answer query={query} rows={10}>
        {(run) => <Run cycle={cycle} proposal={proposal} run={run} />}
      </Answer>
    </>
  );
}

export function MaskingPage() {
  const { id = '' } = useParams();
  return (
    <OpenedPage query={useProposal(id)}>{(cycle, proposal) => <Opened cycle={cycle} proposal={proposal} />}</OpenedPage>
  );
}
