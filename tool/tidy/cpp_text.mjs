// C++ read as far as the rules need it: what is code and what is not, and where functions begin and end.

// Comments become blanks and string literals empty, line by line as before.
export function stripped(text) {
  const blank = (part) => part.replace(/[^\n]/g, ' ');
  // A raw string, a comment, a string, a character (not the ' within 1'000), or any other single character.
  const token = /R"([^()\\\s]*)\([\s\S]*?\)\1"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'/g;
  return text.replace(token, (part) => (part.startsWith('/') ? blank(part) : `"${blank(part.slice(2))}"`));
}

// [{ line, lines, name }] of every function with a body, and of every lambda outside of one.
export function functionsIn(code) {
  const clean = code.replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/gm, (part) => part.replace(/[^\n]/g, ' '));
  const found = [];
  const stack = []; // what each open brace is
  let before = ''; // since the last ; { or }
  let line = 1;
  for (const c of clean) {
    if (c === '\n') ++line;
    if (c === '{') {
      const inFunction = stack.some((s) => s.function);
      const isFunction = !inFunction && isFunctionHead(before);
      stack.push({ function: isFunction, line, name: nameOf(before) });
      before = '';
    } else if (c === '}') {
      const open = stack.pop();
      if (open?.function) found.push({ line: open.line, lines: line - open.line + 1, name: open.name });
      before = '';
    } else if (c === ';') {
      before = '';
    } else {
      before += c;
    }
  }
  return found;
}

function isFunctionHead(before) {
  const head = before.trim();
  if (/\b(namespace|class|struct|union|enum|extern)\b/.test(head.replace(/<[^<>]*>/g, '').split('(')[0])) return false;
  return head.includes('(') && !/=\s*$/.test(head);
}

function nameOf(before) {
  const match = before.replace(/\s+/g, ' ').match(/([~\w:]+|operator\s*[^\s(]+)\s*\(/);
  return match ? match[1] : 'a function';
}
