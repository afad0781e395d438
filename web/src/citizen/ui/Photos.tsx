// Photos in a row; a touch opens them large, in a dialog that the keyboard and a screen reader know.
import { useRef, useState } from 'react';
import { Icon } from './icons';
import { useCommon } from './words';

export interface Picture {
  id: string;
  thumb: string;
  full: string;
  label?: string; // what stands below it
}

export function Photos({ pictures }: { pictures: readonly Picture[] }) {
  const say = useCommon();
  const dialog = useRef<HTMLDialogElement>(null);
  const [shown, setShown] = useState<number | null>(null);
  if (pictures.length === 0) return null;
  const large = shown === null ? undefined : pictures[shown];
  const alt = (n: number) => say('photo', { n: n + 1, of: pictures.length });
  return (
    <>
      <ul className="photos">
        {pictures.map((picture, n) => (
          <li key={picture.id}>
            <button
              type="button"
              aria-label={say('openPhoto', { n: n + 1 })}
              onClick={() => {
                setShown(n);
                dialog.current?.showModal();
              }}
            >
              <img src={picture.thumb} alt={alt(n)} loading="lazy" width={132} height={132} />
            </button>
            {picture.label && <span className="small muted">{picture.label}</span>}
          </li>
        ))}
      </ul>
      <dialog
        ref={dialog}
        className="photo-dialog"
        aria-label={shown === null ? undefined : alt(shown)}
        onClose={() => setShown(null)}
      >
        {large && shown !== null && <img src={large.full} alt={alt(shown)} />}
        <button type="button" className="photo-close" aria-label={say('close')} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </dialog>
    </>
  );
}
