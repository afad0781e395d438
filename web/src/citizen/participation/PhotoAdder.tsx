// Photos that go with something: sent as they are chosen, shown small, taken away again.
import { useState } from 'react';
import type { Photo } from '../../api/schema';
import { Icon } from '../ui/icons';
import { Notice, useProblemText } from '../ui/parts';
import { asProblem } from '../use_ask';

export interface Added {
  id: string;
  url: string; // of this page
}

export function PhotoAdder(props: {
  photos: Added[];
  most: number;
  label: string;
  removeLabel: (n: number) => string;
  tooMany: string;
  capture?: boolean;
  send: (file: Blob) => Promise<Photo>;
  put: (photos: Added[]) => void;
}) {
  const { photos, most } = props;
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const take = async (files: File[]) => {
    setProblem(files.length + photos.length > most ? props.tooMany : '');
    setBusy(true);
    const all = [...photos];
    for (const file of files.slice(0, most - photos.length)) {
      try {
        const { id } = await props.send(file);
        if (!all.some((each) => each.id === id)) all.push({ id, url: URL.createObjectURL(file) });
        props.put([...all]);
      } catch (error) {
        setProblem(problemText(asProblem(error)));
      }
    }
    setBusy(false);
  };
  return (
    <div className="stack-small">
      {photos.length > 0 && (
        <ul className="added-photos">
          {photos.map((photo, i) => (
            <li key={photo.id}>
              <img src={photo.url} alt="" width={96} height={96} />
              <button
                type="button"
                aria-label={props.removeLabel(i + 1)}
                onClick={() => props.put(photos.filter((each) => each.id !== photo.id))}
              >
                <Icon name="close" size={20} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {photos.length < most && (
        <label className="button button-soft add-photo">
          {busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="camera" size={22} />}
          <span>{props.label}</span>
          <input
            className="visually-hidden"
            type="file"
            accept="image/*"
            multiple
            {...(props.capture ? { capture: 'environment' as const } : {})}
            onChange={(event) => {
              void take([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
        </label>
      )}
      {problem && (
        <Notice tone="warn" urgent>
          {problem}
        </Notice>
      )}
    </div>
  );
}
