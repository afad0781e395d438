// Every rule of the house is shown to fail: a small tree is right, then one thing in it is made wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { functionsIn, stripped } from '../../tool/tidy/cpp_text.mjs';

const tidy = join(import.meta.dirname, '../../tool/tidy.mjs');
let root;

function write(file, text) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function check(...args) {
  const done = spawnSync(process.execPath, [tidy, '--count', '--root', root, ...args], { encoding: 'utf8' });
  const failed = [...done.stdout.matchAll(/^FAIL (.*?): \d+ place/gm)].map((m) => m[1]);
  return { text: done.stdout + done.stderr, failed, code: done.status };
}

const header = (body, purpose = '// What it is for.') => `${purpose}\n#pragma once\n\n${body}\n`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidy-'));
  write('README.md', 'A small house.\n');
  write('src/base/ground.h', header('inline int ground() {\n  return 1;\n}'));
  write('src/flow/noun.h', header('#include "base/ground.h"\n\ninline int noun() {\n  return ground();\n}'));
  write('src/decide/rule.h', header('int rule();'));
  write('src/decide/rule.cc', '#include "decide/rule.h"\n\n#include "flow/noun.h"\n\nint rule() {\n  return noun();\n}\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

// Makes one file wrong and expects exactly this rule to say so, at this place.
function breaks(rule, file, text, place) {
  write(file, text);
  const { failed, text: told, code } = check('--quick');
  assert.deepEqual(failed, [rule], told);
  assert.equal(code, 1);
  assert.match(told, place, told);
}

describe('rules that need no compiler', () => {
  test('a header names of the standard library what it does not include', () => {
    write('src/base/list.h', header('#include <vector>'));
    write('src/flow/fine.h', header('#include "base/list.h"\n\ninline std::vector<int> fine();'));
    assert.deepEqual(check('--quick').failed, []);
    const rule = 'headers include what they name of the standard library';
    breaks(rule, 'src/flow/needy.h', header('inline std::optional<int> needy();'), /needy\.h:1: std::optional wants #include <optional>/);
  });
  test('a right tree passes', () => {
    const { failed, code, text } = check('--quick');
    assert.deepEqual(failed, []);
    assert.equal(code, 0);
    assert.match(text, /^11 passed, 0 failed, 0 skipped$/m);
  });
  test('a room includes a higher one', () => {
    breaks('rooms include only lower rooms', 'src/base/up.h', header('#include "flow/noun.h"'), /src\/base\/up\.h:4: base may not include flow/);
  });
  test('a stage includes another stage', () => {
    breaks('rooms include only lower rooms', 'src/casework/peek.h', header('#include "decide/rule.h"'), /casework may not include decide/);
  });
  test('rooms of one level do not know each other', () => {
    write('src/geo/shape.h', header('int shape();'));
    breaks('rooms include only lower rooms', 'src/store/peek.h', header('#include "geo/shape.h"'), /store may not include geo/);
  });
  test('a room without a place in the order', () => {
    breaks('rooms include only lower rooms', 'src/attic/box.h', header('int box();'), /room 'attic' has no place/);
  });
  test('a room includes a domain package', () => {
    write('domain/water/basin.h', header('int basin();'));
    breaks('rooms include only lower rooms', 'src/serve/peek.h', header('#include "domain/water/basin.h"'), /outside of the rooms/);
  });
  test('a domain package includes another', () => {
    write('domain/water/basin.h', header('int basin();'));
    breaks('domain packages include rooms, never each other', 'domain/air/peek.h', header('#include "domain/water/basin.h"'), /domain\/air may include/);
  });
  test('a domain package includes app', () => {
    write('src/app/machine.h', header('int machine();'));
    breaks('domain packages include rooms, never each other', 'domain/air/peek.h', header('#include "app/machine.h"'), /not src\/app\/machine\.h/);
  });
  test('headers include each other in a circle', () => {
    write('src/base/hen.h', header('#include "base/egg.h"'));
    breaks('no circles of includes', 'src/base/egg.h', header('#include "base/hen.h"'), /a circle: src\/base\/egg\.h → src\/base\/hen\.h → src\/base\/egg\.h/);
  });
  test('a library outside of its room', () => {
    breaks('library headers stay in their room', 'src/twin/raw.cc', '#include <rocksdb/db.h>\n', /<rocksdb\/db\.h> belongs in src\/store\/ alone/);
  });
  test('a library in its room, and in the tests of it', () => {
    write('src/store/raw.cc', '#include <rocksdb/db.h>\n');
    write('test/store/raw_test.cc', '#include <rocksdb/db.h>\n');
    assert.deepEqual(check('--quick').failed, []);
  });
  test('a header without #pragma once', () => {
    breaks('headers begin with their purpose and #pragma once', 'src/base/bare.h', '// For nothing.\n#include <string>\n', /#pragma once must come first/);
  });
  test('a header that does not say what it is for', () => {
    breaks('headers begin with their purpose and #pragma once', 'src/base/bare.h', '#pragma once\nint bare();\n', /begins with what the thing is for/);
  });
  test('a header away from its source', () => {
    breaks('a header sits beside its source', 'src/decide/deep/rule.cc', 'int deep();\n', /its header is src\/decide\/rule\.h/);
  });
  test('a function of 71 lines', () => {
    const long = `int long_one() {\n${'  ;\n'.repeat(69)}}\n`;
    write('src/base/long.cc', long);
    assert.match(check('--quick').text, /long_one has 71 lines/);
    write('src/base/long.cc', long.replace('  ;\n', ''));
    assert.deepEqual(check('--quick').failed, [], 'seventy are allowed');
  });
  test('a promise without an issue', () => {
    const word = 'TO' + 'DO';
    breaks('what is left to do names an issue', 'src/base/later.cc', `// ${word}: later\n`, new RegExp(`later\\.cc:1: a ${word} names its issue`));
    write('src/base/later.cc', `// ${word}(#12): later\n`);
    assert.deepEqual(check('--quick').failed, []);
  });
  test('capital letters in a file name', () => {
    breaks('file names are in small letters', 'src/base/Ground.cc', 'int g();\n', /Ground\.cc:1/);
  });
  test('a C++ file that is not in snake_case', () => {
    breaks('file names are in small letters', 'src/base/under-ground.cc', 'int g();\n', /snake_case/);
  });
  test('a banner', () => {
    breaks('no banners in comments', 'src/base/loud.cc', `// ${'='.repeat(20)}\nint g();\n`, /loud\.cc:1: no banners/);
    write('src/base/loud.cc', `// parts ${'-'.repeat(20)}\nint g();\n`);
    assert.deepEqual(check('--quick').failed, ['no banners in comments']);
  });
});

describe('rules that ask the compiler', () => {
  beforeEach(() => {
    const command = `clang++-22 -I${root}/src -std=c++2b -Wall -Werror -c ${root}/src/decide/rule.cc`;
    write('build/dev/compile_commands.json', JSON.stringify([{ directory: root, file: `${root}/src/decide/rule.cc`, command }]));
    write('build/dev/build.ninja', 'build included: phony\n');
    write('.clang-format', 'BasedOnStyle: Google\nAllowShortFunctionsOnASingleLine: None\n');
    write('.clang-tidy', "Checks: '-*,modernize-use-nullptr'\nWarningsAsErrors: '*'\nHeaderFilterRegex: '/src/'\n");
  });

  test('a right tree passes, twice, the second time from memory', () => {
    for (const round of [1, 2]) {
      const { failed, text, code } = check('--full');
      assert.deepEqual(failed, [], `round ${round}: ${text}`);
      assert.equal(code, 0);
      assert.match(text, /13 passed, 0 failed, 2 skipped/);
    }
  });
  test('a header that needs another one before it', () => {
    write('src/flow/needy.h', header('inline int needy() {\n  return ground();\n}'));
    const { failed, text } = check();
    assert.deepEqual(failed, ['every header compiles alone']);
    assert.match(text, /src\/flow\/needy\.h:1: does not compile alone/);
  });
  test('what an included header breaks is seen, though the file itself is unchanged', () => {
    assert.deepEqual(check().failed, []);
    write('src/base/ground.h', header('inline void ground() {\n}'));
    const { failed, text } = check();
    assert.ok(failed.includes('every header compiles alone'), text);
    assert.match(text, /src\/flow\/noun\.h:1: does not compile alone/);
  });
  test('bad form', () => {
    write('src/base/ground.h', header('inline   int ground() {\n  return 1;\n}'));
    const { failed, text } = check('--full');
    assert.deepEqual(failed, ['clang-format finds nothing']);
    assert.match(text, /src\/base\/ground\.h:4: not formatted/);
  });
  test('what clang-tidy finds, in a source and in a header, told once', () => {
    write('src/base/ground.h', header('inline int* ground() {\n  return 0;\n}'));
    write('src/flow/noun.h', header('#include "base/ground.h"\n\ninline int noun() {\n  return *ground();\n}'));
    const { failed, text } = check('--full');
    assert.deepEqual(failed, ['clang-tidy finds nothing']);
    assert.match(text, /clang-tidy finds nothing: 1 place/);
    assert.match(text, /src\/base\/ground\.h:5: use nullptr/);
  });
  test('of what has not changed, clang-tidy reads a part', () => {
    write('src/base/ground.h', header('inline int* ground() {\n  return 0;\n}'));
    write('src/flow/noun.h', header('#include "base/ground.h"\n\ninline int noun() {\n  return *ground();\n}'));
    const git = (...args) => spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root });
    git('init', '-q');
    git('add', '.');
    let found = 0;
    for (let i = 0; i < 40; ++i) {
      git('commit', '-q', '--allow-empty', '-m', `round ${i}`);
      found += check('--full', '--part', '4').failed.length;
    }
    assert.ok(found > 1 && found < 25, `${found} of 40 commits`);
    assert.deepEqual(check('--full').failed, ['clang-tidy finds nothing']);
  });
  test('without a build, what needs one is skipped and says so', () => {
    rmSync(join(root, 'build'), { recursive: true });
    const { text, code } = check('--full');
    assert.equal(code, 0);
    assert.match(text, /skip clang-tidy finds nothing: no build\/dev/);
  });
  test('a domain package that the rest leans on', () => {
    spawnSync('git', ['init', '-q', root]);
    write('domain/water/package.cc', 'int water() {\n  return 1;\n}\n');
    write('CMakePresets.json', JSON.stringify({ version: 6, configurePresets: [{ name: 'dev', generator: 'Ninja', binaryDir: '${sourceDir}/build/dev' }] }));
    const project = 'cmake_minimum_required(VERSION 3.25)\nproject(small LANGUAGES CXX)\nset(CMAKE_EXPORT_COMPILE_COMMANDS ON)\nadd_custom_target(included)\n';
    write('src/app/main.cc', 'int main() {\n  return 0;\n}\n');
    const lay = () => spawnSync('cmake', ['--preset', 'dev', '-S', root], { cwd: root });
    write('CMakeLists.txt', `${project}add_executable(cityloop_without_water src/app/main.cc)\n`);
    lay();
    assert.deepEqual(check('--full').failed, []);
    write('src/app/main.cc', 'int water();\n\nint main() {\n  return water();\n}\n');
    const { failed, text } = check('--full');
    assert.deepEqual(failed, ['a domain package can be removed'], text);
  });
});

describe('reading C++', () => {
  test('comments, strings and raw strings are no code', () => {
    const code = stripped('int a = 1\'000; // {\nchar c = \'{\'; /* {\n { */ auto s = "{\\"{"; auto r = R"x({ " )" })x"; int b;\n');
    assert.equal((code.match(/[{}]/g) ?? []).length, 0, code);
    assert.equal(code.split('\n').length, 4);
    assert.match(code, /int b;/);
  });
  test('functions, and what is none', () => {
    const found = functionsIn(`
namespace a::b {
struct S : Base<int(int)> {
  S() : x_{1}, y_(2) {
    if (x_) { y_ = 3; }
  }
  int get() const noexcept { return x_; }
  int x_{(1)}, y_;
};
enum class E { one, two };
constexpr int table[] = {f(1), f(2)};
template <class T>
  requires requires(T t) { t.x(); }
auto free(T t) -> decltype(t.x()) {
  return [&] { return t.x(); }();
}
}  // namespace
`);
    const names = found.map((f) => f.name);
    assert.ok(names.includes('get') && names.includes('free'), names.join());
    assert.ok(!names.some((n) => ['a', 'E', 'table', 'struct', 'namespace'].includes(n)), names.join());
    assert.equal(Math.max(...found.map((f) => f.lines)), 3);
  });
});
