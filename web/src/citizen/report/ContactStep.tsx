// How the reporter is told: not at all, by mail, by this phone. What happens with it stands beside it.
import { useEffect, useState } from 'react';
import type { PublicCity } from '../../api/schema';
import { changeDraft, type Draft, isEmail } from '../kept/draft';
import { useText } from '../language';
import { type PushStand, pushOffer } from '../push/use_push';
import { ContactField } from '../ui/contact_fields';
import { Icon } from '../ui/icons';
import { useReportWords } from './words';

function PushChoice({ draft }: { draft: Draft }) {
  const say = useReportWords();
  const [offer, setOffer] = useState<PushStand>('unknown');
  useEffect(() => {
    void pushOffer().then(setOffer);
  }, []);
  if (offer === 'unknown' || offer === 'none') return null;
  if (offer === 'install' || offer === 'denied')
    return (
      <p className="muted small with-icon">
        <Icon name="bell" size={18} /> <span>{say(offer === 'install' ? 'pushInstall' : 'pushDenied')}</span>
      </p>
    );
  const turn = async (on: boolean) => {
    // The browser asks only while the person's touch is fresh.
    if (on && (await Notification.requestPermission()) !== 'granted') return setOffer('denied');
    await changeDraft({ push: on });
  };
  return (
    <label className="choice">
      <input
        type="checkbox"
        name="push"
        checked={draft.push === true}
        onChange={(event) => void turn(event.target.checked)}
      />
      <span>
        <span className="choice-label">{say('push')}</span>
        <span className="muted small">{say('pushHint')}</span>
      </span>
    </label>
  );
}

export function ContactStep({ draft, city, tried }: { draft: Draft; city: PublicCity; tried: boolean }) {
  const say = useReportWords();
  const text = useText();
  const { contact } = draft;
  const put = (change: Draft['contact']) => void changeDraft({ contact: { ...contact, ...change } });
  const wrong = tried && contact.email && !isEmail(contact.email) ? say('emailWrong') : null;
  return (
    <div className="stack">
      <PushChoice draft={draft} />
      <ContactField
        of="email"
        label={say('email')}
        hint={say('emailHint')}
        problem={wrong}
        value={contact.email}
        put={put}
      />
      <ContactField of="phone" label={say('phone')} hint={say('phoneHint')} value={contact.phone} put={put} />
      <ContactField of="name" label={say('name')} value={contact.name} put={put} />
      <section className="privacy" aria-label={say('whatHappens')}>
        <h2>
          <Icon name="lock" size={20} /> {say('whatHappens')}
        </h2>
        {city.privacy && <p>{text(city.privacy)}</p>}
        {city.contactKeptDays !== undefined && <p>{say('kept', { days: city.contactKeptDays })}</p>}
      </section>
    </div>
  );
}
