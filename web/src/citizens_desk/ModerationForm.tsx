// One report or comment as it was sent, beside it what the public is to see; decided by two keys.
import { Button, Checkbox, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Moment } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { useHotkeys } from '../ui/hotkeys';
import { Pill } from '../ui/marks';
import { piecesOf } from './marked_text';
import type { Moderated, Source } from './moderated';
import { useModerate } from './use_moderation';

const tones = { waiting: 'warn', shown: 'ok', hidden: 'stale' } as const;

function AsSent({ item }: { item: Moderated }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('moderation.asSent')}>
      <h3>{t('moderation.asSent')}</h3>
      <p className="quote reported-text">
        {piecesOf(item.text, item.found).map((piece, i) =>
          piece.what ? (
            <mark key={i} title={t(`personal.${piece.what as 'phone'}`)}>
              {piece.text}
              <span className="visually-hidden">({t(`personal.${piece.what as 'phone'}`)})</span>
            </mark>
          ) : (
            <span key={i}>{piece.text}</span>
          ),
        )}
        {!item.text && <span className="muted">{t('moderation.noText')}</span>}
      </p>
      {item.found.length > 0 && (
        <p className="muted">
          {t('moderation.found', {
            what: [...new Set(item.found.map((each) => t(`personal.${each.what as 'phone'}`)))].join('、'),
          })}
        </p>
      )}
    </section>
  );
}

function PhotoChoice(props: { ids: string[]; chosen: readonly string[]; choose: (ids: string[]) => void }) {
  const { ids, chosen, choose } = props;
  const { t } = useTranslation();
  if (ids.length === 0) return null;
  return (
    <section aria-label={t('moderation.photos')}>
      <h3>{t('moderation.photos')}</h3>
      <div className="moderated-photos">
        {ids.map((id, i) => (
          <div key={id} className="moderated-photo">
            <img src={`/api/v1/media/${id}?size=thumb`} alt={t('moderation.photo', { n: i + 1 })} />
            <Checkbox
              checked={chosen.includes(id)}
              data-photo={id}
              onChange={(event) =>
                choose(event.target.checked ? [...chosen, id] : chosen.filter((each) => each !== id))
              }
            >
              {t('moderation.showPhoto')}
            </Checkbox>
          </div>
        ))}
      </div>
    </section>
  );
}

export function ModerationForm({ source, item, next }: { source: Source; item: Moderated; next: () => void }) {
  const { t } = useTranslation();
  const actor = useActor();
  const [text, setText] = useState(item.publicText ?? item.masked);
  const [photos, setPhotos] = useState<string[]>(item.state === 'waiting' ? item.media : item.approved);
  const [reason, setReason] = useState(item.reason ?? '');
  const decide = useModerate(source, next);
  const show = () =>
    decide.mutate({ id: item.id, wish: { shown: true, text: text.trim(), ...(item.media.length ? { photos } : {}) } });
  const hide = () =>
    decide.mutate({ id: item.id, wish: { shown: false, ...(reason.trim() ? { reason: reason.trim() } : {}) } });
  useHotkeys({ y: show, x: hide }, !decide.isPending);
  return (
    <article className="detail moderation">
      <header className="detail-head">
        <h2>{item.title}</h2>
        <Pill tone={tones[item.state]}>{t(`moderationState.${item.state}`)}</Pill>
        <code>{item.code}</code>
        <span className="muted">
          <Moment at={item.at} />
        </span>
        {item.flags > 0 && <Pill tone="alarm">{t('moderation.flags', { n: item.flags })}</Pill>}
        <span className="detail-tools">
          <Link to={`/cases/${encodeURIComponent(item.case)}`}>{t('finding.openCase')}</Link>
        </span>
      </header>
      {item.by && (
        <p className="muted">
          {t('moderation.decidedBy', { by: actor(item.by) })} <Moment at={item.decidedAt} /> {item.reason}
        </p>
      )}
      <div className="moderation-columns">
        <AsSent item={item} />
        <section>
          <h3>
            <label htmlFor="public-text">{t('moderation.public')}</label>
          </h3>
          <Input.TextArea
            id="public-text"
            autoSize={{ minRows: 4, maxRows: 14 }}
            maxLength={4000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <p className="muted">{t('moderation.publicHint')}</p>
        </section>
      </div>
      <PhotoChoice ids={item.media} chosen={photos} choose={setPhotos} />
      <div className="moderation-decide">
        <Button type="primary" loading={decide.isPending} onClick={show} data-act="show">
          {t('moderation.show')}
          <kbd>y</kbd>
        </Button>
        <span className="moderation-hide">
          <Input
            value={reason}
            maxLength={1000}
            placeholder={t('moderation.reason')}
            aria-label={t('moderation.reason')}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button danger loading={decide.isPending} onClick={hide} data-act="hide">
            {t('moderation.hide')}
            <kbd>x</kbd>
          </Button>
        </span>
      </div>
    </article>
  );
}
