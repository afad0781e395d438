// Photos that go with a note: made small, kept on the phone until they are sent.
import { useRef, useState } from 'react';
import { newKey } from '../../api/http';
import { kept } from '../kept/db';
import type { KeptPhoto } from '../kept/outbox';
import { smallPhoto } from '../report/photos';
import '../report/report.css';
import { useKeptPhoto } from '../report/use_kept_photo';
import { useReportWords } from '../report/words';
import { useCity } from '../shell/city';
import { Icon } from '../ui/icons';
import { useFollowWords } from './words';

export function useNotePhotos() {
  const [photos, setPhotos] = useState<KeptPhoto[]>([]);
  return {
    photos,
    clear: () => setPhotos([]), // they belong to the outbox now
    add: async (file: Blob) => {
      const photo = { id: newKey() };
      await kept.write('photos', photo.id, await smallPhoto(file));
      setPhotos((before) => [...before, photo]);
    },
    remove: async (id: string) => {
      setPhotos((before) => before.filter((each) => each.id !== id));
      await kept.erase('photos', id);
    },
  };
}

function Kept({ id, n, remove }: { id: string; n: number; remove: () => void }) {
  const say = useReportWords();
  const url = useKeptPhoto(id);
  return (
    <li className="kept">
      {url ? <img src={url} alt={say('photoOf', { n })} /> : <span className="kept-empty" />}
      <button type="button" aria-label={say('removePhoto', { n })} onClick={remove}>
        <Icon name="close" size={20} />
      </button>
    </li>
  );
}

export function NotePhotos(props: {
  photos: KeptPhoto[];
  add: (file: Blob) => Promise<void>;
  remove: (id: string) => Promise<void>;
}) {
  const say = useFollowWords();
  const sayReport = useReportWords();
  const most = useCity().data?.photosMax ?? 5;
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState('');
  const take = async (files: File[]) => {
    setProblem('');
    for (const file of files.slice(0, most - props.photos.length))
      await props.add(file).catch(() => setProblem(sayReport('unread')));
  };
  return (
    <div className="note-photos">
      {props.photos.length > 0 && (
        <ul className="kept-photos">
          {props.photos.map((photo, i) => (
            <Kept key={photo.id} id={photo.id} n={i + 1} remove={() => void props.remove(photo.id)} />
          ))}
        </ul>
      )}
      {props.photos.length < most && (
        <label className="button button-plain take-small">
          <Icon name="camera" size={22} />
          <span>{say('addPhotos')}</span>
          <input
            ref={input}
            className="visually-hidden"
            type="file"
            accept="image/*"
            multiple
            data-take="note"
            onChange={(event) => {
              void take([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
        </label>
      )}
      {problem && <p role="alert">{problem}</p>}
    </div>
  );
}
