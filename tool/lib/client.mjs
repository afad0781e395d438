// A small client of the server's API, as one signed-in person. Errors carry what the server said.
export class Client {
  constructor(url) {
    this.url = url;
  }

  // Signs in with the demo's own password for that user ("user:lin.yue").
  static async demo(url, user) {
    const client = new Client(url);
    const users = await client.get('/api/v1/session/demo-users');
    const known = users.find((u) => u.user === user || u.user === `user:${user}`);
    if (!known) throw new Error(`no demo user ${user} among ${users.map((u) => u.user).join(', ')}`);
    await client.post('/api/v1/session', { user: known.user, password: known.password });
    return client;
  }

  async call(method, path, body) {
    const headers = { 'X-Cityloop-Client': 'console' };
    if (this.cookie) headers.cookie = this.cookie;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(this.url + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(20000),
    });
    const cookie = response.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    const text = await response.text();
    if (!response.ok) {
      const problem = new Error(`${method} ${path}: ${response.status} ${text}`);
      problem.status = response.status;
      problem.text = text;
      throw problem;
    }
    return text ? JSON.parse(text) : null;
  }
  get(path) {
    return this.call('GET', path);
  }
  post(path, body) {
    return this.call('POST', path, body);
  }
}
