// The places of the form for files: what is there, what is on its way, what was refused and why.
import { DeleteOutlined, DownloadOutlined, UploadOutlined } from '@ant-design/icons';
import { useSession } from '@console/api/queries';
import type { AwardEntry, AwardFile, AwardSlot } from '@console/api/schema';
import { useStore } from '@console/api/store';
import { useText } from '@console/i18n';
import { saveFile } from '@console/ui/files';
import { Section } from '@console/ui/Page';
import { useProblemText } from '@console/ui/states';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Progress } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useWords } from '../words';
import { awardKeys, entryApi } from './api';
import { fieldId } from './FieldInput';
import { acceptOf, type CheckCode, checkBefore, shareOf, sizeText } from './uploader';
import {
  forgetRefusals,
  goOnWith,
  type Running,
  refusals,
  resumeUploads,
  running,
  startUpload,
  stopUpload,
} from './uploads';

type Slot = AwardSlot & { needed: number };

// What was refused before it was sent stands beside what the server refused.
interface Early {
  name: string;
  code: CheckCode;
  bytes: number;
}

function FileRow({ entry, file, removable }: { entry: AwardEntry; file: AwardFile; removable: boolean }) {
  const t = useWords();
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const textOf = useProblemText();
  const told = (error: unknown) => void message.error(textOf(error));
  const fetchIt = () => entryApi.file(entry.id, file.id).then((blob) => saveFile(blob, file.name), told);
  const remove = () =>
    modal.confirm({
      title: t('applicant.files.removeAsk', { name: file.name }),
      okText: t('applicant.files.remove'),
      okButtonProps: { danger: true },
      onOk: () =>
        entryApi
          .dropFile(entry.id, file.id)
          .catch(told)
          .finally(() => client.invalidateQueries({ queryKey: awardKeys.entry(entry.id) })),
    });
  return (
    <li className="file-row" data-file={file.id}>
      <span className="file-name">{file.name}</span>
      <span className="muted num">
        {sizeText(file.bytes)}
        {file.pages !== undefined && ` · ${t('applicant.files.pages', { n: file.pages })}`}
        {file.seconds !== undefined && ` · ${t('applicant.files.seconds', { n: file.seconds.toFixed(1) })}`}
      </span>
      <span className="pill pill-ok">{t('applicant.files.checked')}</span>
      <span className="file-acts">
        <Button
          size="small"
          icon={<DownloadOutlined />}
          aria-label={t('applicant.files.download', { name: file.name })}
          onClick={() => void fetchIt()}
        />
        {removable && (
          <Button
            size="small"
            icon={<DeleteOutlined />}
            aria-label={t('applicant.files.removeName', { name: file.name })}
            onClick={remove}
          />
        )}
      </span>
    </li>
  );
}

function RunningRow({ upload, ended }: { upload: Running; ended: () => void }) {
  const t = useWords();
  const share = shareOf(upload.received, upload.bytes);
  return (
    <li className="file-row" data-upload={upload.id}>
      <span className="file-name">{upload.name}</span>
      <Progress
        percent={share}
        size="small"
        status={upload.state === 'waiting' ? 'exception' : 'active'}
        aria-label={t('applicant.files.progress', { name: upload.name })}
        format={(n) => `${n ?? 0} %`}
      />
      <span className="muted num">
        {t(`applicant.files.${upload.state}`, { got: sizeText(upload.received), all: sizeText(upload.bytes) })}
      </span>
      <span className="file-acts">
        <Button size="small" onClick={() => void stopUpload(upload.id).finally(ended)}>
          {t('applicant.files.stop')}
        </Button>
      </span>
    </li>
  );
}

// Begun elsewhere, or on a browser that has lost the file: the same one goes on where it stopped.
function PausedRow(props: { entry: string; open: AwardEntry['uploads'][number]; slot: Slot; ended: () => void }) {
  const { entry, open, slot, ended } = props;
  const t = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [other, setOther] = useState(false);
  return (
    <li className="file-row" data-paused={open.id}>
      <span className="file-name">{open.name}</span>
      <span className="muted num">
        {t('applicant.files.paused', { got: sizeText(open.received), all: sizeText(open.bytes) })}
        {other && <span className="field-flaw">{t('applicant.files.another')}</span>}
      </span>
      <span className="file-acts">
        <input
          ref={input}
          type="file"
          className="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          accept={acceptOf[slot.kind]}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) setOther(!goOnWith(entry, open, file, ended));
          }}
        />
        <Button size="small" onClick={() => input.current?.click()}>
          {t('applicant.files.again')}
        </Button>
        <Button size="small" onClick={() => void stopUpload(open.id).finally(ended)}>
          {t('applicant.files.stop')}
        </Button>
      </span>
    </li>
  );
}

function Refusals({ entry, slot, early }: { entry: string; slot: Slot; early: Early[] }) {
  const t = useWords();
  const text = useText();
  const textOf = useProblemText();
  const told = useStore(refusals).filter((each) => each.entry === entry && each.slot === slot.id);
  return (
    <div role="status">
      {early.map(({ name, code, bytes }) => (
        <Alert
          key={name}
          type="error"
          showIcon
          title={t('applicant.files.notSent', { name })}
          description={t(`applicant.files.${code}`, {
            size: sizeText(bytes),
            max: sizeText(slot.bytesMax),
            most: slot.most,
            kind: t(`applicant.files.kind_${slot.kind}`),
          })}
        />
      ))}
      {told.map(({ name, refused, problem }) => (
        <Alert
          key={name}
          type="error"
          showIcon
          closable={{ onClose: () => forgetRefusals(entry, slot.id) }}
          title={t('applicant.files.refused', { name })}
          description={refused ? text(refused.text) || refused.code : textOf(problem)}
        />
      ))}
    </div>
  );
}

function SlotRules({ slot }: { slot: Slot }) {
  const t = useWords();
  const rules = [
    t(`applicant.files.kind_${slot.kind}`),
    slot.needed > 0
      ? t('applicant.files.needed', { least: slot.needed, most: slot.most })
      : t('applicant.files.atMost', { most: slot.most }),
    slot.pagesMax ? t('applicant.files.pagesMax', { n: slot.pagesMax }) : '',
    t('applicant.files.sizeMax', { max: sizeText(slot.bytesMax) }),
    slot.stamped ? t('applicant.files.stamped') : '',
    slot.with ? t('applicant.files.withEditable') : '',
  ];
  return <p className="muted">{rules.filter(Boolean).join(' · ')}</p>;
}

export function SlotPart(props: { entry: AwardEntry; slot: Slot; round: string; taking: boolean; earlier: boolean }) {
  const { entry, slot, round, taking, earlier } = props;
  const t = useWords();
  const text = useText();
  const user = useSession().data?.user.id ?? '';
  const client = useQueryClient();
  const textOf = useProblemText();
  const { message } = App.useApp();
  const input = useRef<HTMLInputElement>(null);
  const [early, setEarly] = useState<Early[]>([]);
  const ended = useCallback(
    () => void client.invalidateQueries({ queryKey: awardKeys.entry(entry.id) }),
    [client, entry.id],
  );
  const going = [...useStore(running).values()].filter((each) => each.entry === entry.id && each.slot === slot.id);
  const files = entry.files.filter((file) => file.slot === slot.id && (earlier || file.round === round));
  const paused = entry.uploads.filter(
    (open) =>
      open.slot === slot.id && !going.some(({ id }) => id === open.id) && !files.some(({ id }) => id === open.id),
  );
  const shown = going.filter(({ id }) => !files.some((file) => file.id === id));
  const room = slot.most - files.length - shown.length - paused.length;

  async function choose(chosen: File[]): Promise<void> {
    const flaws: Early[] = [];
    let sum = entry.files.reduce((all, file) => all + file.bytes, 0);
    for (const [i, file] of chosen.entries()) {
      const code = i >= room ? 'file_many' : await checkBefore(file, slot, sum);
      if (code) flaws.push({ name: file.name, code, bytes: file.size });
      else {
        sum += file.size;
        await startUpload(user, entry.id, slot.id, file, ended).catch((error) => message.error(textOf(error)));
      }
    }
    setEarly(flaws);
    ended();
  }

  return (
    <section className="file-slot" id={fieldId(slot.id)} tabIndex={-1} aria-label={text(slot.name)}>
      <h3>{text(slot.name)}</h3>
      {text(slot.help) && <p>{text(slot.help)}</p>}
      <SlotRules slot={slot} />
      {files.length + shown.length + paused.length > 0 && (
        <ul className="file-rows">
          {files.map((file) => (
            <FileRow key={file.id} entry={entry} file={file} removable={taking} />
          ))}
          {shown.map((upload) => (
            <RunningRow key={upload.id} upload={upload} ended={ended} />
          ))}
          {paused.map((open) => (
            <PausedRow key={open.id} entry={entry.id} open={open} slot={slot} ended={ended} />
          ))}
        </ul>
      )}
      <Refusals entry={entry.id} slot={slot} early={early} />
      {taking && (
        <fieldset
          className="file-drop"
          aria-label={t('applicant.files.add')}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            void choose([...event.dataTransfer.files]);
          }}
        >
          <input
            ref={input}
            type="file"
            className="visually-hidden"
            tabIndex={-1}
            aria-hidden="true"
            data-slot={slot.id}
            multiple={slot.most > 1}
            accept={acceptOf[slot.kind]}
            onChange={(event) => {
              const chosen = [...(event.target.files ?? [])];
              event.target.value = '';
              void choose(chosen);
            }}
          />
          <Button icon={<UploadOutlined />} disabled={room <= 0} onClick={() => input.current?.click()}>
            {t('applicant.files.add')}
          </Button>
          <span className="muted">{room > 0 ? t('applicant.files.drop') : t('applicant.files.full')}</span>
        </fieldset>
      )}
    </section>
  );
}

// Goes on with what was under way when the page was left.
export function useResumed(entry: AwardEntry): void {
  const user = useSession().data?.user.id ?? '';
  const client = useQueryClient();
  const ids = entry.uploads.map(({ id }) => id).join();
  // What is on its way is known by its ids.
  useEffect(() => {
    if (ids)
      void resumeUploads(user, entry, () => void client.invalidateQueries({ queryKey: awardKeys.entry(entry.id) }));
  }, [user, entry.id, ids]);
}

export function FilesPart(props: { entry: AwardEntry; slots: Slot[]; round: string; taking: boolean }) {
  const t = useWords();
  return (
    <Section title={t('applicant.files.title')}>
      <div className="entry-part">
        {props.slots.map((slot) => (
          <SlotPart key={slot.id} {...props} slot={slot} earlier />
        ))}
      </div>
    </Section>
  );
}
