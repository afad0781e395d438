// What the place looked like before and after: side by side, each large at a click.
import { Image } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Case } from '../api/schema';
import { useLanguage } from '../i18n';
import { useActor } from '../ui/Attribute';
import { Section } from '../ui/Page';
import { dateTime } from '../ui/time';
import { isMediaId, mediaPath, type Photo, photosOf } from './photos';

function Picture({ photo }: { photo: Photo }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const actor = useActor();
  const words = `${t(`photo.${photo.when}`)} · ${dateTime(Date.parse(photo.at), language, false)}`;
  return (
    <figure className="photo">
      {isMediaId(photo.id) ? (
        <Image
          src={mediaPath(photo.id, 'thumb')}
          preview={{ src: mediaPath(photo.id) }}
          alt={words}
          width="100%"
          height={150}
        />
      ) : (
        <a href={/^https?:/.test(photo.id) ? photo.id : undefined} rel="noreferrer noopener" target="_blank">
          {photo.id}
        </a>
      )}
      <figcaption className="muted">
        {words} {photo.by && `· ${actor(photo.by)}`}
      </figcaption>
    </figure>
  );
}

// Before on the left, after on the right; what says neither comes below.
export function Photos({ item }: { item: Case }) {
  const { t } = useTranslation();
  const photos = photosOf(item);
  if (photos.length === 0) return null;
  const before = photos.filter((photo) => photo.when === 'report' || photo.when === 'before');
  const after = photos.filter((photo) => photo.when === 'after');
  const others = photos.filter((photo) => photo.when === 'step');
  return (
    <Section title={t('photo.title')} tools={<span className="num muted">{photos.length}</span>}>
      <Image.PreviewGroup>
        <div className="photo-pair">
          <Group name={t('photo.beforeWork')} photos={before} />
          <Group name={t('photo.afterWork')} photos={after} />
        </div>
        {others.length > 0 && <Group name={t('photo.step')} photos={others} />}
      </Image.PreviewGroup>
    </Section>
  );
}

function Group({ name, photos }: { name: string; photos: Photo[] }) {
  const { t } = useTranslation();
  return (
    <div>
      <h3>{name}</h3>
      {photos.length === 0 && <p className="muted">{t('photo.none')}</p>}
      <div className="photo-row">
        {photos.map((photo, i) => (
          <Picture key={`${photo.id}${i}`} photo={photo} />
        ))}
      </div>
    </div>
  );
}
