import { useEffect, useRef, useState } from 'react';
import { useStore } from '../../api/store';
import type { Draft } from '../kept/draft';
import { useCity } from '../shell/city';
import { Icon, type IconName } from '../ui/icons';
import { Notice } from '../ui/parts';
import { addPhoto, removePhoto, uploadTheRest, type Way, ways } from './photos';
import { useKeptPhoto } from './use_kept_photo';
import { useReportWords } from './words';

function WayWords({ way, there }: { way: Way | undefined; there: boolean }) {
  const say = useReportWords();
  if (way === undefined)
    return there ? (
      <span className="photo-way is-there">
        <Icon name="check" size={16} /> {say('uploaded')}
      </span>
    ) : null;
  if (way === 'later') return <span className="photo-way">{say('uploadLater')}</span>;
  if ('refused' in way)
    return <span className="photo-way is-refused">{say('uploadRefused', { why: way.refused })}</span>;
  return (
    <span className="photo-way">
      <progress value={way.percent} max={100} aria-label={say('uploading', { percent: way.percent })} />
    </span>
  );
}

function Kept({ id, n, there }: { id: string; n: number; there: boolean }) {
  const say = useReportWords();
  const url = useKeptPhoto(id);
  const way = useStore(ways)[id];
  return (
    <li className="kept" data-photo={id} data-there={there}>
      {url ? <img src={url} alt={say('photoOf', { n })} /> : <span className="kept-empty" />}
      <button type="button" aria-label={say('removePhoto', { n })} onClick={() => void removePhoto(id)}>
        <Icon name="close" size={20} />
      </button>
      <WayWords way={way} there={there} />
    </li>
  );
}

export function PhotoTaker({ photos, compact = false }: { photos: Draft['photos']; compact?: boolean }) {
  const say = useReportWords();
  const most = useCity().data?.photosMax ?? 5;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const camera = useRef<HTMLInputElement>(null);
  const album = useRef<HTMLInputElement>(null);
  useEffect(uploadTheRest, []);
  const take = async (files: File[]) => {
    setProblem('');
    setBusy(true);
    const room = most - photos.length;
    for (const file of files.slice(0, Math.max(0, room))) {
      await addPhoto(file).catch(() => setProblem(say('unread')));
    }
    if (files.length > room) setProblem(say('tooMany', { n: most }));
    setBusy(false);
  };
  const input = (ref: typeof camera, name: string, icon: IconName, label: string, more: object) => (
    <label className={`take take-${name}`}>
      <Icon name={icon} size={compact ? 24 : 34} />
      <span>{label}</span>
      <input
        ref={ref}
        className="visually-hidden"
        type="file"
        accept="image/*"
        data-take={name}
        onChange={(event) => {
          void take([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
        {...more}
      />
    </label>
  );
  return (
    <>
      {photos.length > 0 && (
        <ul className="kept-photos">
          {photos.map((photo, i) => (
            <Kept key={photo.id} id={photo.id} n={i + 1} there={photo.media !== undefined} />
          ))}
        </ul>
      )}
      {photos.length < most && (
        <div className="takes">
          {input(camera, 'camera', 'camera', say('take'), { capture: 'environment' })}
          {input(album, 'album', 'picture', say('choose'), { multiple: true })}
        </div>
      )}
      <p role="status" className="muted">
        {busy ? say('reading') : ''}
      </p>
      {problem && (
        <Notice tone="warn" urgent>
          {problem}
        </Notice>
      )}
    </>
  );
}

export function PhotoStep({ draft }: { draft: Draft }) {
  const say = useReportWords();
  return (
    <div className="stack">
      <PhotoTaker photos={draft.photos} />
      {draft.photoPlace && (
        <Notice tone="ok" icon="pin">
          {say('photoPlaceFound')}
        </Notice>
      )}
      <p className="muted small with-icon">
        <Icon name="lock" size={18} /> <span>{say('stripped')}</span>
      </p>
    </div>
  );
}
