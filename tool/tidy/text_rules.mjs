// Rules that need no compiler. Each gives [{ file, line, text }], one for every place that breaks it.
import { basename, dirname } from 'node:path';
import { functionsIn } from './cpp_text.mjs';
import { missingStandardHeaders } from './standard_headers.mjs';

export const ours = ['src/', 'domain/', 'demo/', 'bench/', 'test/'];

// Who may include whom: only what stands lower. Rooms of one level do not know each other; the stages are one level.
const levels = [['base'], ['flow'], ['text', 'solve', 'geo', 'store', 'net', 'trust'], ['mail', 'twin'],
  ['sense', 'decide', 'casework', 'duty', 'act', 'learn', 'notify', 'whatif', 'exchange', 'index'], ['serve'], ['broker', 'civic'], ['participation'], ['app']];
const levelOf = new Map(levels.flatMap((rooms, level) => rooms.map((room) => [room, level])));

// Whose headers may be seen only where; a room's tests and benchmarks see what the room sees.
const libraries = [
  [/^rocksdb\//, ['src/store/']],
  [/^boost\/math\//, ['src/index/', 'domain/']],
  [/^boost\//, ['src/net/']],
  [/^lemon\//, ['src/solve/']],
  [/^mosquitto\.h$/, ['src/net/']],
  [/^toml\+\+\//, ['src/base/']],
  [/^spdlog\//, ['src/base/']],
  [/^zlib\.h$/, ['src/base/', 'src/geo/', 'src/sense/', 'src/solve/']],
  [/^protozero\//, ['src/geo/', 'domain/']],
  [/^simdjson\.h$/, ['src/base/', 'src/geo/', 'src/twin/', 'src/sense/']],
  [/^s2\//, ['src/geo/']],
  [/^absl\//, ['src/geo/']],
  [/^re2\//, ['src/twin/', 'domain/']],
  [/^unicode\//, ['src/text/', 'src/twin/', 'domain/']],
  [/^openssl\//, ['src/net/', 'src/trust/', 'src/civic/', 'src/participation/']],
  [/^(argon2|sodium)(\.h|\/)/, ['src/trust/']],
  [/^(valijson|nlohmann)\//, ['src/casework/']],
  [/^pugixml\.hpp$/, ['src/sense/', 'domain/']],
  [/^CLI\//, ['src/app/', 'demo/', 'domain/']],
  [/^libsumo\//, ['domain/']],
  [/^turbojpeg\.h$/, ['src/civic/', 'domain/']],
  [/^sqlite3\.h$/, ['src/store/']],
  [/^curl\//, ['src/mail/', 'src/civic/']],
  [/^png\.h$/, ['src/civic/']],
  [/^(webp|libexif)\//, ['src/civic/']],
  [/^(pango|cairo|fontconfig)\//, ['src/serve/']],
  [/^xgboost\//, ['domain/']],
  [/^xlsxwriter\.h$/, ['domain/']],
  [/^Eigen\//, ['src/index/', 'domain/']],
  [/^opencv2\//, ['domain/']],
  [/^qrencode\.h$/, ['src/serve/', 'src/app/']],
  [/^zip\.h$/, ['src/serve/', 'src/app/', 'domain/']],
];

const cpp = ['.h', '.cc'];
const texts = ['.h', '.cc', '.mjs', '.ts', '.tsx', '.css', '.sh', '.toml', '.cmake', '.txt', '.yaml'];

function roomOrder(tree) {
  const wrong = [];
  for (const file of tree.select(cpp, ['src/'])) {
    const room = file.split('/')[1];
    const level = levelOf.get(room);
    if (level === undefined) {
      wrong.push({ file, line: 1, text: `room '${room}' has no place in the order of rooms (tool/tidy/text_rules.mjs)` });
      continue;
    }
    for (const include of tree.includes(file)) {
      const target = tree.resolve(include.path);
      if (target && !target.startsWith('src/')) {
        wrong.push({ file, line: include.line, text: `a room includes ${target}, which is outside of the rooms` });
      }
      const other = target?.split('/')[1];
      if (!target?.startsWith('src/') || other === room || levelOf.get(other) < level) continue;
      wrong.push({ file, line: include.line, text: `${room} may not include ${other}: ${include.path}` });
    }
  }
  return wrong;
}

function domainOrder(tree) {
  const wrong = [];
  for (const file of tree.select(cpp, ['domain/', 'demo/'])) {
    const home = file.split('/').slice(0, 2).join('/');
    for (const include of tree.includes(file)) {
      const target = tree.resolve(include.path);
      if (!target || target.startsWith(`${home}/`)) continue;
      // Programs that play devices, a package's too, share how these hang on a broker.
      const allowed =
        (target.startsWith('src/') && !target.startsWith('src/app/')) ||
        target.startsWith('demo/device_link/') ||
        (file.startsWith(`${home}/test/`) && target.startsWith('test/') && !target.startsWith('test/app/'));
      if (!allowed) wrong.push({ file, line: include.line, text: `${home} may include headers of the rooms below app, not ${target}` });
    }
  }
  return wrong;
}

function circles(tree) {
  const wrong = [];
  const state = new Map(); // undefined: not seen, 1: open, 2: done
  const path = [];
  const visit = (file) => {
    state.set(file, 1);
    path.push(file);
    for (const include of tree.includes(file)) {
      const next = tree.resolve(include.path);
      if (!next) continue;
      if (state.get(next) === 1) {
        wrong.push({ file, line: include.line, text: `a circle: ${[...path.slice(path.indexOf(next)), next].join(' → ')}` });
      } else if (!state.has(next)) {
        visit(next);
      }
    }
    path.pop();
    state.set(file, 2);
  };
  for (const file of tree.select(cpp, ours)) if (!state.has(file)) visit(file);
  return wrong;
}

function libraryHeaders(tree) {
  const wrong = [];
  for (const file of tree.select(cpp, ours)) {
    for (const include of tree.includes(file)) {
      const rule = libraries.find(([pattern]) => pattern.test(include.path));
      if (!rule || rule[1].some((room) => file.replace(/^(test|bench)\//, 'src/').startsWith(room))) continue;
      wrong.push({ file, line: include.line, text: `<${include.path}> belongs in ${rule[1].join(', ')} alone` });
    }
  }
  return wrong;
}

function headerForm(tree) {
  const wrong = [];
  for (const file of tree.select(['.h'], ours)) {
    const lines = tree.lines(file);
    const first = lines.findIndex((l) => l.trim() !== '' && !l.startsWith('//'));
    if (lines[first] !== '#pragma once') wrong.push({ file, line: first + 1, text: '#pragma once must come first, after what the header says of itself' });
    if (!lines[0].startsWith('// ')) wrong.push({ file, line: 1, text: 'a header begins with what the thing is for' });
  }
  return wrong;
}

// By itself or by the project's headers that it includes: then it compiles wherever it is included first.
function standardHeaders(tree) {
  const wrong = [];
  for (const file of tree.select(['.h'], ['src/', 'domain/', 'demo/'])) {
    const included = new Set(tree.closure(file).flatMap((f) => tree.includes(f).filter((i) => i.system).map((i) => i.path)));
    for (const { name, header } of missingStandardHeaders(tree.code(file), included)) {
      wrong.push({ file, line: 1, text: `std::${name} wants #include <${header}>` });
    }
  }
  return wrong;
}

// A source's header stands in the same folder.
function headerBeside(tree) {
  const wrong = [];
  const headers = tree.select(['.h'], ['src/', 'domain/']);
  for (const file of tree.select(['.cc'], ['src/', 'domain/'])) {
    const name = basename(file, '.cc');
    const home = file.split('/').slice(0, 2).join('/');
    const same = headers.filter((h) => basename(h, '.h') === name && h.startsWith(`${home}/`));
    if (same.length && !same.some((h) => dirname(h) === dirname(file))) {
      wrong.push({ file, line: 1, text: `its header is ${same[0]}; they belong side by side` });
    }
  }
  return wrong;
}

function functionLength(tree) {
  const wrong = [];
  for (const file of tree.select(cpp, ours)) {
    for (const { line, lines, name } of functionsIn(tree.code(file))) {
      if (lines > 70) wrong.push({ file, line, text: `${name} has ${lines} lines; 70 is the limit, 40 the aim` });
    }
  }
  return wrong;
}

function promises(tree) {
  const word = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b(?!\\s*\\(?#\\d+)`);
  const wrong = [];
  for (const file of tree.select(texts, [...ours, 'tool/', 'web/src/', 'web/test/', 'api/', 'cmake/'])) {
    for (const [index, line] of tree.lines(file).entries()) {
      const match = line.match(word);
      if (match) wrong.push({ file, line: index + 1, text: `a ${match[1]} names its issue, as in ${match[1]}(#12), or does not exist` });
    }
  }
  return wrong;
}

function fileNames(tree) {
  const wrong = [];
  const named = /^(README(\.zh-CN)?|ARCHITECTURE|STYLE|CONTRIBUTING|CAVEATS|CHANGELOG|SECURITY|CODE_OF_CONDUCT)\.md$|^(LICENSE|NOTICE|CMakeLists\.txt|CMakePresets\.json|Dockerfile)$/;
  for (const file of tree.files) {
    const name = basename(file);
    const component = /^(web\/src|domain\/\w+\/web)\/(.*\/)?[A-Z]\w*\.tsx$/.test(file); // named after what it exports, as React's are
    if (/[A-Z]/.test(name) && !named.test(name) && !component) wrong.push({ file, line: 1, text: 'file names are in small letters' });
    if (/\s/.test(file)) wrong.push({ file, line: 1, text: 'file names have no blanks' });
    else if (/\.(h|cc)$/.test(name) && !/^[a-z0-9_]+\.(h|cc)$/.test(name) && !/[A-Z]/.test(name)) {
      wrong.push({ file, line: 1, text: 'C++ files are named in snake_case' });
    }
  }
  return wrong;
}

function banners(tree) {
  const wrong = [];
  for (const file of tree.select(texts, [...ours, 'tool/', 'web/src/', 'web/test/', 'api/', 'cmake/'])) {
    for (const [index, line] of tree.lines(file).entries()) {
      if (/^\s*(\/\/+|\/\*+|#|\*)\s*([-=*#~_+])\2{3,}/.test(line) || /^\s*(\/\/|#).*\S\s*([-=*#~])\2{5,}\s*$/.test(line)) {
        wrong.push({ file, line: index + 1, text: 'no banners: a comment says why' });
      }
    }
  }
  return wrong;
}

export const textRules = [
  { name: 'rooms include only lower rooms', check: roomOrder },
  { name: 'domain packages include rooms, never each other', check: domainOrder },
  { name: 'no circles of includes', check: circles },
  { name: 'library headers stay in their room', check: libraryHeaders },
  { name: 'headers begin with their purpose and #pragma once', check: headerForm },
  { name: 'headers include what they name of the standard library', check: standardHeaders },
  { name: 'a header sits beside its source', check: headerBeside },
  { name: 'functions have at most 70 lines', check: functionLength },
  { name: 'what is left to do names an issue', check: promises },
  { name: 'file names are in small letters', check: fileNames },
  { name: 'no banners in comments', check: banners },
];
