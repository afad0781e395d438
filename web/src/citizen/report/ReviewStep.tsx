import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Service } from '../../api/schema';
import { type Draft, missingIn } from '../kept/draft';
import { useText } from '../language';
import { usePlaceWords } from '../map/use_place_words';
import { Icon } from '../ui/icons';
import { Notice } from '../ui/parts';
import { useKeptPhoto } from './use_kept_photo';
import { useReportWords } from './words';

function Small({ id, n }: { id: string; n: number }) {
  const say = useReportWords();
  const url = useKeptPhoto(id);
  return url ? <img src={url} alt={say('photoOf', { n })} width={84} height={84} /> : null;
}

function Line({ name, step, children }: { name: string; step: string; children: ReactNode }) {
  const say = useReportWords();
  return (
    <div className="review-line">
      <dt>{name}</dt>
      <dd>
        <div>{children}</div>
        <Link to={`/c/report/${step}`} aria-label={say('change', { what: name })} className="review-change">
          <Icon name="pencil" size={20} />
        </Link>
      </dd>
    </div>
  );
}

// An answer in the words of its question.
export function answerWords(
  service: Service,
  draft: Draft,
  text: (words: { zh: string; en: string }) => string,
): string[] {
  return service.attributes.flatMap((ask) => {
    const value = draft.answers[ask.code];
    if (value === undefined || value === '' || (Array.isArray(value) && !value.length)) return [];
    const name = (key: unknown) => {
      const found = ask.values?.find((each) => each.key === key);
      return found ? text(found.name) : String(key);
    };
    return [`${text(ask.name)}: ${Array.isArray(value) ? value.map(name).join(', ') : name(value)}`];
  });
}

export function ReviewStep({ draft, service }: { draft: Draft; service: Service | undefined }) {
  const say = useReportWords();
  const text = useText();
  const placeWords = usePlaceWords();
  const missing = missingIn(draft, service);
  const { contact } = draft;
  const reached = [contact.name, contact.email, contact.phone, draft.push ? say('push') : ''].filter(Boolean);
  const names = {
    photo: say('photos'),
    place: say('place'),
    kind: say('kind'),
    words: say('words'),
    contact: say('contact'),
  };
  return (
    <div className="stack">
      <dl className="review card">
        <Line name={say('photos')} step="photo">
          {draft.photos.length && service?.photo !== 'none' ? (
            <span className="review-photos">
              {draft.photos.map((photo, i) => (
                <Small key={photo.id} id={photo.id} n={i + 1} />
              ))}
            </span>
          ) : (
            say('none')
          )}
        </Line>
        <Line name={say('place')} step="place">
          {draft.place ? placeWords(draft.place) : say('none')}
          {draft.address && <span className="muted"> · {draft.address}</span>}
        </Line>
        <Line name={say('kind')} step="kind">
          {text(service?.name) || say('none')}
          {draft.sameAs && <span className="muted"> · {say('sameAs', { code: draft.sameAs })}</span>}
        </Line>
        <Line name={say('words')} step="words">
          {service && answerWords(service, draft, text).map((line) => <p key={line}>{line}</p>)}
          <p className="as-written">{draft.words || (service?.attributes.length ? '' : say('none'))}</p>
        </Line>
        <Line name={say('contact')} step="contact">
          {reached.length ? reached.join(' · ') : say('none')}
        </Line>
      </dl>
      {missing.length > 0 && (
        <Notice tone="warn" title={say('missing')}>
          <ul className="row">
            {missing.map((each) => (
              <li key={each}>
                <Link to={`/c/report/${each}`} data-missing={each}>
                  {names[each]}
                </Link>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <p className="muted small">{say('terms', { what: say(service?.private ? 'isHidden' : 'isPublic') })}</p>
    </div>
  );
}
