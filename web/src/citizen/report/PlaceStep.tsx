// Where it is: by the map, by the phone, by the photo, or by street and steps of some metres; always told in words.
import { Suspense, useEffect, useRef, useState } from 'react';
import type { PublicCity } from '../../api/schema';
import { changeDraft, type Draft, type Place, type PlacedBy } from '../kept/draft';
import { useLanguage, useText } from '../language';
import { PlaceMap } from '../map/lazy';
import { isInside, movedBy, rounded, streetsOf } from '../map/places';
import { usePlaceWords } from '../map/use_place_words';
import { whereAmI } from '../places/where_am_i';
import { useGround } from '../shell/city';
import { Icon } from '../ui/icons';
import { Button, Field, Loading, Notice } from '../ui/parts';
import { useReportWords } from './words';

const stepM = 20;
const roughFromM = 60;

function WithoutMap({
  draft,
  city,
  put,
}: {
  draft: Draft;
  city: PublicCity;
  put: (place: Place, by: PlacedBy) => void;
}) {
  const say = useReportWords();
  const text = useText();
  const language = useLanguage();
  const streets = streetsOf(useGround().data, language);
  const [chosen, setChosen] = useState('');
  const from = draft.place ?? { lon: city.center[0] ?? 0, lat: city.center[1] ?? 0 };
  const moves = [
    ['north', 0, stepM],
    ['west', -stepM, 0],
    ['east', stepM, 0],
    ['south', 0, -stepM],
  ] as const;
  return (
    <details className="without-map">
      <summary>{say('withoutMap')}</summary>
      <div className="stack">
        <Field label={say('street')} required>
          {(ties) => (
            <select
              {...ties}
              required={false}
              name="street"
              value={chosen}
              onChange={(event) => {
                setChosen(event.target.value);
                const street = streets.find((each) => text(each.name) === event.target.value);
                if (street) put(rounded(street.at), 'hand');
              }}
            >
              <option value="">{say('streetNone')}</option>
              {streets.map((street) => (
                <option key={text(street.name)} value={text(street.name)}>
                  {text(street.name)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <fieldset aria-label={say('moveHint')} className="stack-small">
          <p>{say('moveHint')}</p>
          <div className="moves">
            {moves.map(([name, east, north]) => (
              <Button key={name} kind="soft" data-move={name} onClick={() => put(movedBy(from, east, north), 'hand')}>
                {say(name, { m: stepM })}
              </Button>
            ))}
          </div>
        </fieldset>
      </div>
    </details>
  );
}

export function PlaceStep({ draft, city }: { draft: Draft; city: PublicCity }) {
  const say = useReportWords();
  const text = useText();
  const words = usePlaceWords();
  const ground = useGround();
  const [told, setTold] = useState('');
  const [busy, setBusy] = useState(false);
  const { place, photoPlace } = draft;
  const outside = place !== undefined && !isInside(place, city.bounds);
  const photoInside = photoPlace !== undefined && isInside(photoPlace, city.bounds);
  const put = (next: Place, placedBy: PlacedBy) => {
    setTold('');
    void changeDraft({ place: next, placedBy });
  };

  // The photo's place is where one begins, as long as nobody has chosen another.
  const offered = useRef(false);
  useEffect(() => {
    if (offered.current || place || !photoPlace) return;
    offered.current = true;
    if (photoInside) void changeDraft({ place: rounded(photoPlace), placedBy: 'photo' });
  }, [place, photoPlace, photoInside]);

  const here = async () => {
    setBusy(true);
    const where = await whereAmI();
    setBusy(false);
    if (typeof where === 'string') return setTold(say(where === 'denied' ? 'hereDenied' : 'hereUnknown'));
    put(rounded(where.place), 'phone');
    if (where.accuracyM > roughFromM) setTold(say('hereRough', { m: where.accuracyM }));
  };

  return (
    <div className="stack">
      {ground.asking && !ground.data ? (
        <Loading />
      ) : (
        <Suspense fallback={<Loading />}>
          <PlaceMap
            city={city}
            ground={ground.data}
            place={place}
            label={say('mapLabel')}
            onMove={(next) => put(next, 'hand')}
          />
        </Suspense>
      )}
      <p className="place-now" role="status" data-placed={draft.placedBy ?? ''} data-inside={place ? !outside : ''}>
        <Icon name="pin" size={22} />
        <span>
          {place
            ? outside
              ? say('outside', { city: text(city.name) })
              : say('placeNow', { place: words(place) })
            : say('placeNone')}
        </span>
      </p>
      {told && (
        <Notice tone="warn" urgent>
          {told}
        </Notice>
      )}
      {photoPlace && !photoInside && <p className="muted small">{say('outsidePhoto', { city: text(city.name) })}</p>}
      <div className="row">
        <Button kind="soft" icon="here" busy={busy} onClick={() => void here()} data-act="here">
          {say('here')}
        </Button>
        {photoInside && draft.placedBy !== 'photo' && (
          <Button kind="soft" icon="picture" onClick={() => put(rounded(photoPlace), 'photo')} data-act="from-photo">
            {say('fromPhoto')}
          </Button>
        )}
      </div>
      <WithoutMap draft={draft} city={city} put={put} />
      <Field label={say('address')} hint={say('addressHint')}>
        {(ties) => (
          <input
            {...ties}
            type="text"
            name="address"
            maxLength={300}
            autoComplete="off"
            value={draft.address}
            onChange={(event) => void changeDraft({ address: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
