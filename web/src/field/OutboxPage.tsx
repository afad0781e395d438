// What is still to be sent, what was refused and why, and what has gone out today.
import { CheckCircleOutlined, ClockCircleOutlined, ExclamationCircleOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { newKey } from '../api/client';
import { useStore } from '../api/store';
import { useLanguage, useText, useWord } from '../i18n';
import { inOrder, isUnsent, type OutboxItem } from '../offline/outbox';
import { discard, replaceItem } from '../offline/outbox_store';
import { outboxChanged, outboxState, trySending } from '../offline/outbox_watch';
import { useActor } from '../ui/Attribute';
import { usePageTitle } from '../ui/Page';
import { Blank } from '../ui/states';
import { useRealNow } from '../ui/ticker';
import { agoText, dateTime } from '../ui/time';
import { again, asNote, canBeNote, conflictOf } from './conflict';
import { KeptPhoto } from './PhotoTaker';
import { useUser } from './use_work';

function Why({ item }: { item: OutboxItem }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const actor = useActor();
  const language = useLanguage();
  if (item.state === 'held') return <p>{t('conflict.held')}</p>;
  const { found, problem } = item;
  const conflict = conflictOf(item);
  const state = found?.stateName ? text(found.stateName) : word('caseState', found?.state ?? '');
  const at = found?.at ? dateTime(Date.parse(found.at), language, false) : '';
  return (
    <div className="conflict" role="alert">
      <p>
        {conflict === 'gone' && t('conflict.gone')}
        {conflict === 'form' && t('conflict.form')}
        {conflict === 'other' && t('conflict.other')}
        {(conflict === 'ended' || conflict === 'moved') &&
          t(`conflict.${conflict}`, { state, by: actor(found?.by), time: at })}
      </p>
      {found?.note && <p className="quote">{found.note}</p>}
      {problem?.detail && (
        <details>
          <summary>{t('conflict.server')}</summary>
          <code>{problem.detail}</code>
        </details>
      )}
    </div>
  );
}

function Decide({ item, name }: { item: OutboxItem; name: string }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const replace = async (next: OutboxItem) => {
    await replaceItem(item, next);
    await outboxChanged();
    void trySending();
  };
  const drop = () =>
    modal.confirm({
      title: t('field.dropTitle'),
      content: t('field.dropHint'),
      okText: t('field.drop'),
      okButtonProps: { danger: true },
      cancelText: t('app.cancel'),
      onOk: async () => {
        await discard(item);
        await outboxChanged();
        void trySending();
      },
    });
  return (
    <div className="outbox-decide">
      {canBeNote(item) && (
        <Button
          size="large"
          type="primary"
          onClick={() => void replace(asNote(item, newKey(), name))}
          data-act="as-note"
        >
          {t('field.asNote')}
        </Button>
      )}
      {conflictOf(item) !== 'ended' && (
        <Button size="large" onClick={() => void replace(again(item, newKey()))} data-act="again">
          {t('app.retry')}
        </Button>
      )}
      <Button size="large" danger onClick={drop} data-act="drop">
        {t('field.drop')}
      </Button>
    </div>
  );
}

const icons = {
  waiting: <ClockCircleOutlined aria-hidden="true" />,
  held: <ExclamationCircleOutlined aria-hidden="true" />,
  refused: <ExclamationCircleOutlined aria-hidden="true" />,
  sent: <CheckCircleOutlined aria-hidden="true" />,
};

function Row({ item }: { item: OutboxItem }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const now = useRealNow();
  const name = text(item.verbName) || word('verb', item.verb);
  const stuck = item.state === 'refused' || item.state === 'held';
  return (
    <li className={`outbox-item is-${item.state}`} data-outbox={item.id} data-state={item.state}>
      <p className="outbox-state">
        {icons[item.state]} <strong>{name}</strong> · {t(`outbox.${item.state}`)}{' '}
        <span className="muted">{agoText(item.sentAt ?? item.madeAt, now)}</span>
      </p>
      <p>{text(item.caseTitle)}</p>
      {item.note && <p className="quote">{item.note}</p>}
      {isUnsent(item) && item.photos.length > 0 && (
        <div className="kept-photos">
          {item.photos.map((photo) => (
            <KeptPhoto key={photo.id} photo={photo} />
          ))}
        </div>
      )}
      {stuck && <Why item={item} />}
      {stuck && <Decide item={item} name={name} />}
    </li>
  );
}

export function OutboxPage() {
  const { t } = useTranslation();
  const user = useUser();
  const { items, sending, end } = useStore(outboxState);
  usePageTitle(t('field.outbox'));
  const mine = inOrder(items).filter((item) => item.user === user.id);
  const unsent = mine.filter(isUnsent);
  const sent = mine.filter((item) => !isUnsent(item)).reverse();
  const others = items.filter((item) => item.user !== user.id && isUnsent(item)).length;
  const waiting = unsent.some((item) => item.state === 'waiting');
  return (
    <div className="field-page">
      <div className="field-title">
        <h1>{t('field.outbox')}</h1>
        {waiting && (
          <Button size="large" loading={sending} onClick={() => void trySending()} data-act="send-now">
            {t('field.sendNow')}
          </Button>
        )}
      </div>
      {waiting && end === 'sign_in' && (
        <p className="problem" role="alert">
          {t('field.signInAgain')}
        </p>
      )}
      {unsent.length === 0 && <Blank title={t('field.allSent')} hint={t('field.allSentHint')} />}
      <ul className="outbox-list" aria-label={t('field.outbox')}>
        {unsent.map((item) => (
          <Row key={item.id} item={item} />
        ))}
      </ul>
      {others > 0 && <p className="muted">{t('field.others', { n: others })}</p>}
      {sent.length > 0 && (
        <section>
          <h2>{t('field.sentToday')}</h2>
          <ul className="outbox-list">
            {sent.map((item) => (
              <Row key={item.id} item={item} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
