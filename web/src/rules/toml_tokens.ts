// Enough of TOML's look to colour a rule: tables, keys, strings, numbers and words, comments.
export type TokenKind = 'table' | 'key' | 'string' | 'literal' | 'comment' | 'plain';
export interface Token {
  kind: TokenKind;
  text: string;
}

const value = /("(?:\\.|[^"\\])*"|'[^']*')|(#.*$)|(\b(?:true|false|inf|nan)\b|[+-]?\d[\d_.:TZe+-]*)/g;

function valueTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of text.matchAll(value)) {
    if (match.index > at) tokens.push({ kind: 'plain', text: text.slice(at, match.index) });
    const kind: TokenKind = match[1] !== undefined ? 'string' : match[2] !== undefined ? 'comment' : 'literal';
    tokens.push({ kind, text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) tokens.push({ kind: 'plain', text: text.slice(at) });
  return tokens;
}

export function tomlTokens(line: string): Token[] {
  if (/^\s*#/.test(line)) return [{ kind: 'comment', text: line }];
  const table = /^(\s*\[\[?[^\]]*\]\]?)(.*)$/.exec(line);
  if (table) return [{ kind: 'table', text: table[1] ?? '' }, ...valueTokens(table[2] ?? '')];
  const pair = /^(\s*[\w.\-"]+\s*)(=.*)$/.exec(line);
  if (pair) return [{ kind: 'key', text: pair[1] ?? '' }, ...valueTokens(pair[2] ?? '')];
  return valueTokens(line);
}
