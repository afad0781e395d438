// What the reporter said, in the reporter's words, and how it came in.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Case } from '../api/schema';
import { useText } from '../i18n';
import { Pill } from '../ui/marks';
import { Section } from '../ui/Page';
import { shortId } from '../ui/values';

export function Reported({ item }: { item: Case }) {
  const { t } = useTranslation();
  const { description, address, channel, code, count = 1, storm, forwardedTo } = item;
  if (!description && !address && !code && count <= 1) return null;
  return (
    <Section
      title={t('seats.reported')}
      tools={
        <span className="reported-marks">
          {channel && <Pill>{t(`channel.${channel}`)}</Pill>}
          {count > 1 && (
            <Pill tone={storm ? 'alarm' : 'warn'}>{t(storm ? 'seats.storm' : 'seats.count', { n: count })}</Pill>
          )}
          {code && <code>{code}</code>}
        </span>
      }
    >
      {description && <p className="quote reported-text">{description}</p>}
      {address && <p>{address}</p>}
      {forwardedTo && <p className="muted">{t('seats.forwarded', { to: forwardedTo })}</p>}
    </Section>
  );
}

export function MergedNote({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const { mergedInto, mergedIntoCase } = item;
  if (!mergedInto) return null;
  const name = mergedIntoCase?.title ? text(mergedIntoCase.title) : shortId(mergedInto);
  return (
    <p className="merged-note">
      {t('seats.mergedInto')}{' '}
      <Link to={`/cases/${encodeURIComponent(mergedInto)}`}>
        {name} {mergedIntoCase?.code}
      </Link>
    </p>
  );
}
