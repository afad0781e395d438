// Leave, sickness, swaps, stand-ins and overtime that wait: who, when, why, and what the reader may say to it.
import { Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChangeVerb } from '../api/duty_api';
import type { DutyChange } from '../api/schema';
import { useLanguage, useText } from '../i18n';
import { Age } from '../ui/Age';
import { usePersonName } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { clockTime, dateOf, dayHead } from '../ui/time';
import { useDecideChange } from './use_changes';

// "周五 5/21 08:00 – 16:00", with both days where they differ.
export function usePeriodWords(): (from: string | number, until: string | number) => string {
  const language = useLanguage();
  return (from, until) => {
    const [a, b] = [new Date(from).getTime(), new Date(until).getTime()];
    const end = dateOf(a) === dateOf(b) ? clockTime(b, false) : `${dayHead(b, language)} ${clockTime(b, false)}`;
    return `${dayHead(a, language)} ${clockTime(a, false)} – ${end}`;
  };
}

export function useChangePeople() {
  const text = useText();
  const personOf = usePersonName();
  return (change: DutyChange) => ({
    person: text(change.personName) || personOf(change.person),
    other: change.other ? text(change.otherName) || personOf(change.other) : '',
  });
}

const tones = { requested: 'warn', granted: 'ok', denied: 'stale', withdrawn: 'stale' } as const;

function Deny({ change, close }: { change: DutyChange; close: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const decide = useDecideChange(close);
  return (
    <Modal
      open
      title={t('duty.denyTitle')}
      okText={t('changeVerb.deny')}
      cancelText={t('app.cancel')}
      okButtonProps={{ danger: true, disabled: !note.trim() }}
      confirmLoading={decide.isPending}
      onCancel={close}
      onOk={() => decide.mutate({ id: change.id, verb: 'deny', note: note.trim() })}
    >
      <label htmlFor="deny-reason">{t('case.reason_field')}</label>
      <Input.TextArea
        id="deny-reason"
        rows={3}
        maxLength={1000}
        autoFocus
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </Modal>
  );
}

export function ChangeRow({ change, show }: { change: DutyChange; show?: () => void }) {
  const { t } = useTranslation();
  const period = usePeriodWords();
  const people = useChangePeople()(change);
  const decide = useDecideChange();
  const [denying, deny] = useState(false);
  const act = (verb: ChangeVerb) => (verb === 'deny' ? deny(true) : decide.mutate({ id: change.id, verb }));
  return (
    <li className="change" data-change={change.id}>
      <div>
        <strong>{people.person}</strong> {t(`changeKind.${change.kind}`)}{' '}
        {people.other && <span>{t('duty.with', { name: people.other })} </span>}
        {change.status !== 'requested' && <Pill tone={tones[change.status]}>{t(`changeStatus.${change.status}`)}</Pill>}
        {change.status === 'requested' && change.agreed === false && <Pill tone="warn">{t('duty.notAgreed')}</Pill>}
        <p>
          {show ? (
            <button type="button" className="link num" onClick={show}>
              {period(change.from, change.until)}
            </button>
          ) : (
            <span className="num">{period(change.from, change.until)}</span>
          )}
          {change.otherFrom && change.otherUntil && (
            <span className="muted num"> ⇄ {period(change.otherFrom, change.otherUntil)}</span>
          )}
        </p>
        {change.note && <p className="quote">{change.note}</p>}
        {change.reason && <p className="quote">{change.reason}</p>}
        {change.askedAt && (
          <p className="muted">
            <Age at={change.askedAt} />
          </p>
        )}
      </div>
      <div className="request-decide">
        {change.actions?.map((verb) => (
          <Button
            key={verb}
            size="small"
            type={verb === 'grant' || verb === 'agree' ? 'primary' : 'default'}
            danger={verb === 'deny'}
            data-verb={verb}
            loading={decide.isPending && decide.variables?.verb === verb}
            onClick={() => act(verb)}
          >
            {t(`changeVerb.${verb}`)}
          </Button>
        ))}
      </div>
      {denying && <Deny change={change} close={() => deny(false)} />}
    </li>
  );
}
