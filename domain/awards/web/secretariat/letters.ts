// The letters of a cycle as the secretary's page reckons with them: in their reader's language, as a mail of one's own, and
// which of those picked can be sent, or sent again.
import type { AwardLetterCode, AwardLetterState, AwardLetters, AwardLettersSent } from '@console/api/schema';

export type Letter = AwardLetters['letters'][number];
export type Wish = { proposal: string; code: AwardLetterCode; occasion: string; nth: number };

export const letterStates: readonly AwardLetterState[] = ['not_sent', 'no_address', 'waiting', 'given_up', 'taken'];
export const isLetterState = (text: string): text is AwardLetterState => letterStates.some((one) => one === text);
export const letterCodes: readonly AwardLetterCode[] = [
  'receipt',
  'submit',
  'questions',
  'transfer',
  'shortlist',
  'confirm',
  'result',
];
export const isLetterCode = (text: string): text is AwardLetterCode => letterCodes.some((one) => one === text);

export const idOf = (letter: Letter): string => `${letter.proposal} ${letter.code} ${letter.occasion}`;

export const inTheirs = (letter: Letter): { subject: string; text: string } => {
  const language = letter.language === 'en' ? 'en' : 'zh';
  return { subject: letter.subject[language] ?? '', text: letter.text[language] ?? '' };
};

export const mailOf = (letter: Letter): string => {
  const { subject, text } = inTheirs(letter);
  return `mailto:${encodeURIComponent(letter.to)}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text)}`;
};

// What is under way is left alone: it arrives, or it is given up.
export const canBeSent = ({ state }: Letter): boolean => state === 'not_sent';
export const canBeSentAgain = ({ state }: Letter): boolean => state === 'taken' || state === 'given_up';

// As the server is told: the number by which two clicks are one letter.
export const wishOf = ({ proposal, code, occasion, nth }: Letter): Wish => ({ proposal, code, occasion, nth: nth + 1 });

// As many at once as the server takes.
const atOnce = 500;
export function portions<T>(all: readonly T[]): T[][] {
  const out: T[][] = [];
  for (let from = 0; from < all.length; from += atOnce) out.push(all.slice(from, from + atOnce));
  return out;
}

export const together = (all: readonly AwardLettersSent[]): AwardLettersSent => ({
  sent: all.reduce((sum, { sent }) => sum + sent, 0),
  already: all.reduce((sum, { already }) => sum + already, 0),
  server: all.every(({ server }) => server),
  left: all.flatMap(({ left }) => left),
});

export function byCode(letters: readonly Letter[]): { code: AwardLetterCode; n: number }[] {
  return letterCodes
    .map((code) => ({ code, n: letters.filter((one) => one.code === code).length }))
    .filter(({ n }) => n > 0);
}
