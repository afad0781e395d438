// Files that the server makes of a case: in the stand-in the smallest that are really such.
export const pdf = (words) => {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>',
    `<</Length ${words.length + 38}>>stream\nBT /F 18 Tf 60 760 Td (${words}) Tj ET\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ];
  return Buffer.from(
    `%PDF-1.4\n${objects.map((each, i) => `${i + 1} 0 obj${each}endobj`).join('\n')}\ntrailer<</Root 1 0 R>>\n%%EOF\n`,
  );
};

// An empty archive is its end record alone.
const emptyZip = Buffer.from([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]);

export const dossier = (item, kind) =>
  kind === 'pdf'
    ? { type: 'application/pdf', bytes: pdf(item.code || 'case') }
    : { type: 'application/zip', bytes: emptyZip };

// What a family of routes answers with when it is a file.
export class FileAnswer {
  constructor(type, bytes) {
    Object.assign(this, { type, bytes });
  }
}
