// Pictures of a report: taken with the camera or chosen, made small, kept on the phone until they are sent.
import { CameraOutlined, DeleteOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { shrinkPhoto } from '../cases/shrink';
import { read } from '../offline/idb';
import type { OutboxPhoto, PhotoWhen } from '../offline/outbox';

function useKeptPhoto(id: string): string | undefined {
  const [url, set] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    void read<Blob>('photos', id).then((blob) => {
      if (!blob || gone) return;
      made = URL.createObjectURL(blob);
      set(made);
    });
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id]);
  return url;
}

export function KeptPhoto({ photo, remove }: { photo: OutboxPhoto; remove?: () => void }) {
  const { t } = useTranslation();
  const url = useKeptPhoto(photo.id);
  return (
    <figure className="kept-photo" data-photo={photo.when}>
      {url && <img src={url} alt={t(`photo.${photo.when}`)} />}
      {remove && (
        <Button
          danger
          size="large"
          icon={<DeleteOutlined />}
          aria-label={`${t('photo.remove')}: ${t(`photo.${photo.when}`)}`}
          onClick={remove}
        />
      )}
    </figure>
  );
}

export function PhotoTaker(props: {
  when: PhotoWhen;
  photos: OutboxPhoto[];
  add: (blob: Blob, when: PhotoWhen) => Promise<void>;
  remove: (id: string) => Promise<void>;
}) {
  const { when, photos, add, remove } = props;
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [unread, setUnread] = useState(false);
  const take = async (files: File[]) => {
    setBusy(true);
    setUnread(false);
    for (const file of files) {
      try {
        await add(await shrinkPhoto(file), when);
      } catch {
        setUnread(true);
      }
    }
    setBusy(false);
  };
  return (
    <section className="photo-taker" aria-label={t(`photo.${when}`)}>
      <h3>{t(`photo.${when}`)}</h3>
      <div className="kept-photos">
        {photos
          .filter((photo) => photo.when === when)
          .map((photo) => (
            <KeptPhoto key={photo.id} photo={photo} remove={() => void remove(photo.id)} />
          ))}
        <label className={`take-photo${busy ? ' is-busy' : ''}`}>
          <CameraOutlined aria-hidden="true" />
          <span>{busy ? t('photo.reading') : t('photo.take')}</span>
          <input
            ref={input}
            type="file"
            accept="image/*"
            multiple
            className="visually-hidden"
            data-take={when}
            aria-label={`${t('photo.take')}: ${t(`photo.${when}`)}`}
            onChange={(event) => {
              void take([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
        </label>
      </div>
      {unread && (
        <p className="problem" role="alert">
          {t('photo.unread')}
        </p>
      )}
    </section>
  );
}
