// What somebody wrote, with what looks personal blacked out until the moderator asks to see it.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHotkeys } from '../ui/hotkeys';
import { type Piece, piecesOf } from './marked_text';
import type { Moderated } from './moderated';

const black = (text: string) => '■'.repeat([...text].length);

function Found({ piece, bare }: { piece: Piece; bare: boolean }) {
  const { t } = useTranslation();
  const what = t(`personal.${piece.what as 'phone'}`);
  return (
    <mark title={what}>
      {bare ? piece.text : <span aria-hidden="true">{black(piece.text)}</span>}
      <span className="visually-hidden">({what})</span>
    </mark>
  );
}

export function AsSent({ item }: { item: Moderated }) {
  const { t } = useTranslation();
  const [bare, setBare] = useState(false);
  const hides = item.found.length > 0;
  useHotkeys({ v: () => setBare(!bare) }, hides);
  const marked = (text: string) =>
    piecesOf(text, item.found).map((piece, i) =>
      piece.what ? <Found key={i} piece={piece} bare={bare} /> : <span key={i}>{piece.text}</span>,
    );
  return (
    <section aria-label={t('moderation.asSent')}>
      <h3>{t('moderation.asSent')}</h3>
      <div className="quote reported-text">
        {item.publicTitle !== undefined && <strong>{marked(item.title)}</strong>}
        <p>{item.text ? marked(item.text) : <span className="muted">{t('moderation.noText')}</span>}</p>
      </div>
      {hides && (
        <p className="muted">
          {t('moderation.found', {
            what: [...new Set(item.found.map((each) => t(`personal.${each.what as 'phone'}`)))].join(' · '),
          })}{' '}
          <Button size="small" type="text" aria-pressed={bare} onClick={() => setBare(!bare)} data-act="reveal">
            {t(bare ? 'moderation.blackOut' : 'moderation.reveal')}
            <kbd>v</kbd>
          </Button>
        </p>
      )}
    </section>
  );
}
