// Letters that are due, each in its reader's language, to be copied or opened in the own mail program: nothing is sent here.
import type { AwardLetters } from '@console/api/schema';
import { csvOf, saveFile } from '@console/ui/files';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { Answer, Blank } from '@console/ui/states';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useLetters } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useWords } from '../words';

export type Letter = AwardLetters['letters'][number];

export const inTheirs = (letter: Letter): { subject: string; text: string } => {
  const language = letter.language === 'en' ? 'en' : 'zh';
  return { subject: letter.subject[language] ?? '', text: letter.text[language] ?? '' };
};

export const mailOf = (letter: Letter): string => {
  const { subject, text } = inTheirs(letter);
  return `mailto:${encodeURIComponent(letter.to)}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text)}`;
};

function Row({ letter, sent, mark }: { letter: Letter; sent: boolean; mark: () => void }) {
  const t = useWords();
  const { message } = App.useApp();
  const { subject, text } = inTheirs(letter);
  const copy = () =>
    void navigator.clipboard.writeText(`${letter.to}\n${subject}\n\n${text}`).then(
      () => {
        mark();
        void message.success(t('secretariat.letters.copied', { to: letter.to }));
      },
      () => void message.error(t('secretariat.letters.noCopy')),
    );
  return (
    <li className="letter section" data-letter={letter.number || letter.proposal}>
      <header>
        <strong>{subject}</strong>
        <Pill>{t(`secretariat.letters.code.${letter.code as 'submit'}`)}</Pill>
        {sent && <Pill tone="ok">{t('secretariat.letters.taken')}</Pill>}
      </header>
      <p className="muted">
        {letter.name} &lt;{letter.to}&gt; {letter.number && <span className="num">· {letter.number}</span>}
      </p>
      <p className="answer-text" lang={letter.language}>
        {text}
      </p>
      <p className="found-acts">
        <Button size="small" onClick={copy} data-row={letter.proposal + letter.code}>
          {t('secretariat.letters.copy')}
        </Button>
        <Button size="small" href={mailOf(letter)} onClick={mark}>
          {t('secretariat.letters.mail')}
        </Button>
      </p>
    </li>
  );
}

function Letters({ cycle }: { cycle: string }) {
  const t = useWords();
  const query = useLetters(cycle);
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const list = useListKeys(undefined);
  const table = (letters: readonly Letter[]) =>
    saveFile(
      csvOf([
        ['number', 'to', 'name', 'language', 'subject', 'text'],
        ...letters.map((one) => {
          const { subject, text } = inTheirs(one);
          return [one.number, one.to, one.name, one.language, subject, text];
        }),
      ]),
      `${cycle}-letters.csv`,
    );
  return (
    <Answer query={query}>
      {({ letters }) =>
        letters.length === 0 ? (
          <Blank title={t('secretariat.letters.none')} hint={t('secretariat.letters.noneHint')} />
        ) : (
          <>
            <div className="award-steps">
              <span className="muted">{t('secretariat.letters.hint', { n: letters.length })}</span>
              <Button size="small" onClick={() => table(letters)}>
                {t('secretariat.letters.table')}
              </Button>
            </div>
            <div ref={list}>
              <ul className="letters">
                {letters.map((letter) => {
                  const key = letter.proposal + letter.code;
                  return (
                    <Row key={key} letter={letter} sent={sent.has(key)} mark={() => setSent(new Set([...sent, key]))} />
                  );
                })}
              </ul>
            </div>
          </>
        )
      }
    </Answer>
  );
}

export function LettersPage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.letters')}>
      {(cycle) => <Letters key={cycle.id} cycle={cycle.id} />}
    </CyclePage>
  );
}
