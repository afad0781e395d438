// One report, proposal or comment as it was sent, beside it what the public is to see; decided by two keys.
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Input, type InputRef } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { Moment } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { useHotkeys } from '../ui/hotkeys';
import { Pill } from '../ui/marks';
import { AsSent } from './AsSent';
import { type Decision, type Moderated, needsReason, type Source, stepFor } from './moderated';
import { Thread } from './Thread';
import { useModerate, useTakeBack } from './use_moderation';

const tones = { waiting: 'warn', shown: 'ok', hidden: 'stale' } as const;

function PhotoChoice(props: { item: Moderated; chosen: readonly string[]; choose: (ids: string[]) => void }) {
  const { item, chosen, choose } = props;
  const { t } = useTranslation();
  const ids = item.media;
  if (ids.length === 0) return null;
  const together = item.publicTitle !== undefined; // of a proposal all, or none
  const turn = (id: string, on: boolean) =>
    together ? choose(on ? ids : []) : choose(on ? [...chosen, id] : chosen.filter((each) => each !== id));
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
              onChange={(event) => turn(id, event.target.checked)}
            >
              {t('moderation.showPhoto')}
            </Checkbox>
          </div>
        ))}
      </div>
      {together && ids.length > 1 && <p className="muted">{t('moderation.photosTogether')}</p>}
    </section>
  );
}

// What the workflow lets this person do with a proposal; everything with what stands in none.
function useMayDecide(source: Source, item: Moderated) {
  const { data } = useQuery({
    queryKey: keys.case(item.case),
    queryFn: () => api.case(item.case),
    enabled: source === 'proposals',
  });
  const may = (shown: boolean) =>
    source !== 'proposals' || (data?.actions.some(({ verb }) => verb === stepFor(item, { shown }).verb) ?? false);
  return { may, mayNeither: data !== undefined && !may(true) && !may(false) };
}

function Decided({ source, item, reopened }: { source: Source; item: Moderated; reopened: (id: string) => void }) {
  const { t } = useTranslation();
  const actor = useActor();
  const takeBack = useTakeBack(reopened);
  if (!item.by) return null;
  return (
    <p className="muted moderation-decided">
      {t('moderation.decidedBy', { by: actor(item.by) })} <Moment at={item.decidedAt} /> {item.reason}
      {source === 'comments' && (
        <Button size="small" loading={takeBack.isPending} onClick={() => takeBack.mutate(item.id)} data-act="take-back">
          {t('moderation.takeBack')}
        </Button>
      )}
    </p>
  );
}

interface Props {
  source: Source;
  item: Moderated;
  told: (item: Moderated, wish: Decision) => void;
  reopened: (id: string) => void;
  choose: (comment: string) => void;
}

export function ModerationForm({ source, item, told, reopened, choose }: Props) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(item.publicTitle ?? '');
  const [text, setText] = useState(item.publicText || item.masked);
  const [photos, setPhotos] = useState<string[]>(item.state === 'waiting' ? item.media : item.approved);
  const [reason, setReason] = useState(item.state === 'hidden' ? (item.reason ?? '') : '');
  const [missing, setMissing] = useState('');
  const why = useRef<InputRef>(null);
  const { may, mayNeither } = useMayDecide(source, item);
  const decide = useModerate(source, told);
  const take = (shown: boolean) => {
    if (!may(shown)) return;
    if (needsReason(source, item, shown) && !reason.trim()) {
      setMissing(t(shown ? 'moderation.whyReworded' : 'moderation.whyHidden'));
      why.current?.focus();
      return;
    }
    const said = reason.trim() ? { reason: reason.trim() } : {};
    const shownAs = {
      text: text.trim(),
      ...(source === 'proposals' ? { title: title.trim() } : {}),
      ...(item.media.length ? { photos } : {}),
    };
    decide.mutate({ item, wish: shown ? { shown, ...shownAs, ...said } : { shown, ...said } });
  };
  useHotkeys({ y: () => take(true), x: () => take(false) }, !decide.isPending);
  return (
    <article className="detail moderation">
      <header className="detail-head">
        <h2>{item.publicTitle ?? item.title}</h2>
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
      <Decided source={source} item={item} reopened={reopened} />
      <div className="moderation-columns">
        <AsSent item={item} />
        <section>
          {source === 'proposals' && (
            <>
              <h3>
                <label htmlFor="public-title">{t('moderation.publicTitle')}</label>
              </h3>
              <Input
                id="public-title"
                maxLength={120}
                value={title}
                onChange={(event) => setTitle(event.target.value)}
              />
            </>
          )}
          <h3>
            <label htmlFor="public-text">{t('moderation.public')}</label>
          </h3>
          <Input.TextArea
            id="public-text"
            rows={4}
            className="grows"
            maxLength={source === 'comments' ? 2000 : 4000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <p className="muted">{t('moderation.publicHint')}</p>
        </section>
      </div>
      {mayNeither && <p className="muted">{t('moderation.mayNot')}</p>}
      <PhotoChoice item={item} chosen={photos} choose={setPhotos} />
      <div className="moderation-decide">
        <Button
          type="primary"
          loading={decide.isPending}
          disabled={!may(true)}
          onClick={() => take(true)}
          data-act="show"
        >
          {t(item.state === 'shown' && source === 'proposals' ? 'moderation.reword' : 'moderation.show')}
          <kbd>y</kbd>
        </Button>
        <span className="moderation-hide">
          <span className="moderation-why">
            <Input
              ref={why}
              id="moderation-reason"
              value={reason}
              maxLength={1000}
              status={missing ? 'error' : undefined}
              aria-invalid={missing !== ''}
              aria-describedby={missing ? 'moderation-missing' : undefined}
              placeholder={t('moderation.reason')}
              aria-label={t('moderation.reason')}
              onChange={(event) => {
                setReason(event.target.value);
                setMissing('');
              }}
            />
            {missing && (
              <span id="moderation-missing" className="moderation-missing" role="alert">
                {missing}
              </span>
            )}
          </span>
          <Button danger loading={decide.isPending} disabled={!may(false)} onClick={() => take(false)} data-act="hide">
            {t(source === 'proposals' ? 'moderation.refuse' : 'moderation.hide')}
            <kbd>x</kbd>
          </Button>
        </span>
      </div>
      {source !== 'reports' && <Thread proposal={item.case} current={item.id} choose={choose} />}
    </article>
  );
}
