// The mail server of the C++ tests (mailbox.py) for programs that try a whole city.
//
//   const box = await startMailbox(join(city.folder, 'mailbox'));      null: this machine's Python has none to lend
//   writeFileSync(join(city.city, 'civic.toml'), civicWith(box));
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const python = '/usr/bin/python3';
export const hasMailbox = existsSync(python) && spawnSync(python, ['-c', 'import aiosmtpd']).status === 0;

export async function startMailbox(file) {
  const child = spawn(python, ['test/mail/mailbox.py', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  const port = await new Promise((told) => {
    child.stdout.once('data', (line) => told(Number(String(line))));
    child.once('exit', () => told(0));
    child.once('error', () => told(0));
  });
  if (!port) return null;
  const mails = () =>
    (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []).map((line) => JSON.parse(line));
  const words = (content) => Buffer.from(content.slice(content.indexOf('\r\n\r\n') + 4), 'base64').toString('utf8');
  const letters = () => mails().map(({ to, content }) => ({ to: to[0], text: words(content) }));
  return { port, mails, letters, stop: () => child.kill('SIGTERM') };
}

export const mailTable = ({ port }, name = 'City', address = 'noreply@city.example') =>
  `[mail]\nserver = "smtp://127.0.0.1:${port}"\nfrom = "${name} <${address}>"\ntls = false\n`;

// All that a city needs to write letters with links.
export const civicWith = (box, host = 'prizeville.example') => `[civic]
jurisdiction = "${host}"
address = "https://${host}"
contact = { zh = "电话 0000", en = "Phone 0000" }
privacy = { zh = "只用于告知进展。", en = "Used to tell how it goes." }
contact_kept = "180d"

${mailTable(box, 'Prizeville', `noreply@${host}`)}`;
