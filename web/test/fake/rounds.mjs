// The ballots of a counted round as the city publishes them, signed with a key of their own: what is checked in the browser
// holds, or does not, for the same reasons as with the real ones. A small key, because nobody's vote hangs on it.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const constants = { padding: 6, saltLength: 48 }; // RSA-PSS
// How many of 612 chose each project: the sums that the stand-in's count tells.
const votes = { '0004-3001': 411, '0004-3007': 233, '0004-3012': 260 };

export function publishedBallots(projects, cast, issued, budget) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const ballots = [];
  for (let i = 0; i < cast; i++) {
    const token = sha256(`token ${i}`);
    const prefix = sha256(`prefix ${i}`);
    const choices = projects.map((each) => each.code).filter((code) => (i * 7) % cast < votes[code]);
    ballots.push({
      ballot: sha256(token).toString('hex'),
      token: token.toString('base64url'),
      prefix: prefix.toString('base64url'),
      signature: sign('sha384', Buffer.concat([prefix, token]), { key: privateKey, ...constants }).toString(
        'base64url',
      ),
      choices,
    });
  }
  ballots.sort((a, b) => (a.ballot < b.ballot ? -1 : 1));
  const { n, e } = publicKey.export({ format: 'jwk' });
  const text = JSON.stringify({
    format: 'cityloop-ballots-1',
    round: { id: 'lakeside-2026', budget, currency: 'CNY' },
    key: { n, e },
    projects: projects.map(({ code, title, cost }) => ({ code, title, cost })),
    issued,
    ballots,
  });
  return { text, sha256: sha256(text).toString('hex') };
}
