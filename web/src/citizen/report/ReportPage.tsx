// The way of a report: photo, place, what is nearby, kind, words, contact, a last look. Each step has an address of its own,
// so that the phone's back key goes one back; what is written is kept with each change.
import { useEffect, useState } from 'react';
import { Navigate, useNavigate, useParams, useSearchParams } from 'react-router';
import type { NearbyList, PublicCity, Service } from '../../api/schema';
import { useStore } from '../../api/store';
import {
  type Draft,
  draftState,
  dropDraft,
  isEmptyDraft,
  missingAnswers,
  missingIn,
  readDraft,
  sendDraftOff,
  sendingOf,
} from '../kept/draft';
import { outboxChanged, trySending } from '../kept/outbox_watch';
import { useLanguage } from '../language';
import { isInside } from '../map/places';
import { useCity, useServices } from '../shell/city';
import { Answer, Button, Loading, Notice, Page } from '../ui/parts';
import { ContactStep } from './ContactStep';
import { KindStep } from './KindStep';
import { lookNearby, NearbyStep } from './NearbyStep';
import { PhotoStep } from './PhotoStep';
import { PlaceStep } from './PlaceStep';
import './report.css';
import { ReviewStep } from './ReviewStep';
import { SentStep } from './SentStep';
import { WordsStep } from './WordsStep';
import { useReportWords } from './words';

const counted = ['photo', 'place', 'kind', 'words', 'contact', 'review'] as const;
type Step = (typeof counted)[number] | 'nearby';
const isStep = (text: string): text is Step => text === 'nearby' || counted.some((each) => each === text);
const after = (step: Step): Step => (step === 'nearby' ? 'kind' : (counted[counted.indexOf(step) + 1] ?? 'review'));

function Progress({ step }: { step: Step }) {
  const say = useReportWords();
  const n = counted.indexOf(step === 'nearby' ? 'place' : step) + 1;
  return (
    <div className="progress">
      <p className="visually-hidden">{say('step', { n, of: counted.length })}</p>
      {counted.map((each, i) => (
        <span key={each} className={i < n ? 'is-done' : ''} aria-hidden="true" />
      ))}
    </div>
  );
}

// Why one cannot go on from a step yet; empty when one can.
function stopAt(step: Step, draft: Draft, city: PublicCity, service: Service | undefined): string {
  if (step === 'place') return draft.place && isInside(draft.place, city.bounds) ? '' : 'needPlace';
  if (step === 'kind') {
    if (!service) return 'needKind';
    return service.photo === 'required' && draft.photos.length === 0 ? 'needPhoto' : '';
  }
  if (step === 'words') {
    if (service && missingAnswers(draft, service).length) return 'needed';
    return missingIn(draft, service).includes('words') ? 'needWords' : '';
  }
  if (step === 'contact') return missingIn(draft, service).includes('contact') ? 'emailWrong' : '';
  return '';
}

const titles = {
  photo: 'photoTitle',
  place: 'placeTitle',
  nearby: 'nearbyTitle',
  kind: 'kindTitle',
  words: 'wordsTitle',
  contact: 'contactTitle',
  review: 'reviewTitle',
} as const;
const leads = { photo: 'photoLead', place: 'placeLead', contact: 'contactLead' } as const;

function Steps({ step, draft, city, services }: { step: Step; draft: Draft; city: PublicCity; services: Service[] }) {
  const say = useReportWords();
  const language = useLanguage();
  const navigate = useNavigate();
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [nearby, setNearby] = useState<NearbyList['reports']>([]);
  const service = services.find((each) => each.code === draft.service);
  const stop = stopAt(step, draft, city, service);
  const go = (to: string) => {
    setTried(false);
    void navigate(`/c/report/${to}`);
  };

  const send = async () => {
    if (!service || missingIn(draft, service).length) return;
    setBusy(true);
    const item = sendingOf(draft, service, language, Date.now());
    await sendDraftOff(item);
    await outboxChanged();
    void trySending();
    void navigate(`/c/report/sent?id=${item.id}`, { replace: true });
  };

  const next = async () => {
    if (stop) return setTried(true);
    if (step === 'review') return send();
    if (step !== 'place' || draft.sameAs) return go(after(step));
    setBusy(true);
    const found = await lookNearby(draft);
    setNearby(found);
    setBusy(false);
    go(found.length ? 'nearby' : 'kind');
  };

  const lead =
    step === 'nearby'
      ? say('nearbyLead', { n: nearby.length })
      : step in leads
        ? say(leads[step as 'photo'])
        : undefined;
  const label =
    step === 'review'
      ? 'send'
      : step === 'nearby'
        ? 'another'
        : step === 'photo' && !draft.photos.length
          ? 'skipPhoto'
          : 'next';
  const missing = step === 'review' && missingIn(draft, service).length > 0;
  // Which were found nearby is known only to who has just come from the place.
  if (step === 'nearby' && nearby.length === 0) return <Navigate to="/c/report/place" replace />;
  return (
    <Page
      key={step}
      title={say(titles[step])}
      lead={lead}
      back={step === 'photo' ? '/c' : () => void navigate(-1)}
      className="flow"
    >
      <Progress step={step} />
      <form
        noValidate
        data-step={step}
        onSubmit={(event) => {
          event.preventDefault();
          void next();
        }}
      >
        {step === 'photo' && <PhotoStep draft={draft} />}
        {step === 'place' && <PlaceStep draft={draft} city={city} />}
        {step === 'nearby' && <NearbyStep reports={nearby} goOn={go} />}
        {step === 'kind' && (
          <KindStep draft={draft} services={services} problem={tried && stop ? say(stop as 'needKind') : null} />
        )}
        {step === 'words' && service && <WordsStep draft={draft} service={service} tried={tried} />}
        {step === 'words' && !service && <Navigate to="/c/report/kind" replace />}
        {step === 'contact' && <ContactStep draft={draft} city={city} tried={tried} />}
        {step === 'review' && <ReviewStep draft={draft} service={service} />}
        {tried && step === 'place' && stop && (
          <Notice tone="bad" urgent>
            {say('needPlace')}
          </Notice>
        )}
        <div className="flow-bar">
          <Button
            type="submit"
            kind={step === 'review' ? 'call' : 'solid'}
            wide
            busy={busy}
            disabled={missing}
            icon={step === 'review' ? 'flag' : 'next'}
            data-act="next"
          >
            {say(label)}
          </Button>
        </div>
      </form>
      {step === 'photo' && !isEmptyDraft(draft) && (
        <Button kind="plain" icon="trash" onClick={() => void dropDraft()} data-act="drop-draft">
          {say('discard')}
        </Button>
      )}
    </Page>
  );
}

export function ReportPage() {
  const { step = 'photo' } = useParams();
  const [params] = useSearchParams();
  const city = useCity();
  const services = useServices();
  const draft = useStore(draftState);
  useEffect(() => void readDraft(), []);
  if (step === 'sent') return <SentStep id={params.get('id') ?? ''} />;
  if (!isStep(step)) return <Navigate to="/c/report" replace />;
  if (!draft) return <Loading />;
  return (
    <Answer of={city}>
      {(known) => (
        <Answer of={services}>
          {(list) => <Steps step={step} draft={draft} city={known} services={list.services} />}
        </Answer>
      )}
    </Answer>
  );
}
