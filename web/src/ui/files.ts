// Files that a page gives to its reader.

export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

type Cell = string | number | null | undefined;

// A cell that begins like a formula would be run by a spreadsheet; a number is no formula.
const disarmed = (value: Cell, text: string) =>
  typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;

export const csvText = (rows: readonly (readonly Cell[])[], safe = disarmed): string =>
  rows
    .map((row) => {
      const cells = row.map((value) => {
        const text = safe(value, value === null || value === undefined ? '' : String(value));
        return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
      });
      return `${cells.join(',')}\r\n`;
    })
    .join('');

// A table as a file that a spreadsheet opens: UTF-8 with its mark, numbers as they are.
export const csvOf = (rows: readonly (readonly Cell[])[]): Blob =>
  new Blob(['\uFEFF', csvText(rows)], { type: 'text/csv;charset=utf-8' });

// As the server reads it back, to the letter.
export const csvForServer = (rows: readonly (readonly Cell[])[]): string => csvText(rows, (_, text) => text);
