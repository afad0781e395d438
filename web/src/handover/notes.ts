// Notes for the next shift, kept on this machine until they are printed or cleared: the seat keeps them, not the person.
const key = 'cityloop.handover';

export interface HandoverNotes {
  text: string;
  by: string;
  at: number; // real milliseconds
}

export function readNotes(): HandoverNotes {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<HandoverNotes> | null;
    return { text: kept?.text ?? '', by: kept?.by ?? '', at: kept?.at ?? 0 };
  } catch {
    return { text: '', by: '', at: 0 };
  }
}

export const keepNotes = (notes: HandoverNotes) => localStorage.setItem(key, JSON.stringify(notes));
