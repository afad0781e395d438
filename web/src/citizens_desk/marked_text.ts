// A text in pieces: those that look like personal data, and what stands between.
export interface Piece {
  text: string;
  what?: string;
}

export function piecesOf(text: string, found: readonly { what: string; text: string }[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  while (from < text.length) {
    let next: { at: number; text: string; what: string } | null = null;
    for (const each of found) {
      const at = each.text ? text.indexOf(each.text, from) : -1;
      // The earliest, and of two that begin alike the longer.
      if (at >= 0 && (!next || at < next.at || (at === next.at && each.text.length > next.text.length)))
        next = { at, text: each.text, what: each.what };
    }
    if (!next) break;
    if (next.at > from) pieces.push({ text: text.slice(from, next.at) });
    pieces.push({ text: next.text, what: next.what });
    from = next.at + next.text.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
