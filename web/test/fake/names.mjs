// Names of things in the language that the caller asks for, as the server gives them.
const streets = {
  湖滨路: 'Hubin Road',
  书院路: 'Shuyuan Road',
  长桥路: 'Changqiao Road',
  清河路: 'Qinghe Road',
  南塘路: 'Nantang Road',
  望江路: 'Wangjiang Road',
  星桥路: 'Xingqiao Road',
  文昌路: 'Wenchang Road',
  柳浪路: 'Liulang Road',
  白堤路: 'Baidi Road',
  北山路: 'Beishan Road',
  花港路: 'Huagang Road',
};
const numbers = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '十一', '十二', '十三', '十四', '十五'];
const things = [
  [/^(.*)下穿隧道$/, (street) => `${street} underpass`],
  [/^(.*)停车场$/, (street) => `${street} garage`],
  [/^(\d+) 号排水泵$/, (n) => `Pump ${n}`],
  [/^(\d+) 号井$/, (n) => `Manhole ${n}`],
  [/^路灯 (\d+)$/, (n) => `Streetlight ${n}`],
  [/^空气站 (\d+)$/, (n) => `Air station ${n}`],
  [/^噪声点 (\d+)$/, (n) => `Noise meter ${n}`],
  [/^气象站 (\d+)$/, (n) => `Weather station ${n}`],
  [/^(.*) (\d+) 号$/, (street, n) => `${n} ${street}`],
];

export function inEnglish(name) {
  const avenue = /^(.+)号大道$/.exec(name);
  if (avenue) return `Avenue ${numbers.indexOf(avenue[1]) + 1}`;
  const words = Object.entries(streets).reduce((said, [zh, en]) => said.replace(zh, en), name);
  for (const [form, say] of things) {
    const found = form.exec(words);
    if (found) return say(...found.slice(1));
  }
  return words;
}

const named = new Set(['name', 'aboutName', 'deviceName']);

// The same answer with the names of things in English; texts in two languages and people's own words stay.
export function withEnglishNames(value) {
  if (Array.isArray(value)) return value.map(withEnglishNames);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      named.has(key) && typeof inner === 'string' ? inEnglish(inner) : withEnglishNames(inner),
    ]),
  );
}
