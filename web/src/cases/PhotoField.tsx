// Photos asked for by a step: chosen or taken, made small, sent at once; the step then names them.
import { Button } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { type PhotoWhen, photoMark } from '../offline/outbox';
import { useProblemText } from '../ui/states';
import { mediaPath } from './photos';
import { shrinkPhoto } from './shrink';

export function PhotoField({ value = [], onChange }: { value?: string[]; onChange?: (value: string[]) => void }) {
  const { t } = useTranslation();
  const problemOf = useProblemText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const when = useRef<PhotoWhen>('after');
  const choose = (which: PhotoWhen) => {
    when.current = which;
    input.current?.click();
  };
  const take = async (files: File[]) => {
    setBusy(true);
    setProblem('');
    try {
      const made: string[] = [];
      for (const file of files) made.push(photoMark((await api.sendPhoto(await shrinkPhoto(file))).id, when.current));
      onChange?.([...value, ...made]);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <div className="photo-field">
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple
        hidden
        aria-label={t('photo.title')}
        onChange={(event) => {
          void take([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Button loading={busy} onClick={() => choose('before')}>
        {t('photo.before')} +
      </Button>
      <Button loading={busy} onClick={() => choose('after')}>
        {t('photo.after')} +
      </Button>
      {problem && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <ul className="photo-chosen">
        {value.map((address) => (
          <li key={address}>
            <img
              src={mediaPath(address.split('#')[0] ?? '', 'thumb')}
              alt={t(address.endsWith('#before') ? 'photo.before' : 'photo.after')}
            />
            <button type="button" className="link" onClick={() => onChange?.(value.filter((each) => each !== address))}>
              {t('photo.remove')}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
