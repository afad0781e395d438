# A mail server for tests: takes mail on a free port of 127.0.0.1 and writes each message as one line of JSON.
#   mailbox.py FILE [--port PORT] [--tls CERT KEY] [--user NAME PASSWORD]
# Prints its port; 0 where aiosmtpd is not installed. A recipient that begins with "nobody" is refused for good; "later" is told to come again.
import argparse
import asyncio
import json
import ssl
import sys

try:
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
except ImportError:
    print(0)
    sys.exit()

arguments = argparse.ArgumentParser()
arguments.add_argument('file')
arguments.add_argument('--port', type=int, default=0)
arguments.add_argument('--tls', nargs=2)
arguments.add_argument('--user', nargs=2)
given = arguments.parse_args()


class Box:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('nobody'):
            return f'550 no such mailbox: {address}'
        if address.startswith('later'):
            return '451 come again'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        line = {'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'tls': session.ssl is not None,
                'authenticated': bool(session.authenticated), 'content': envelope.content.decode()}
        with open(given.file, 'a') as out:
            out.write(json.dumps(line) + '\n')
        return '250 taken'


def check(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == given.user
    return AuthResult(success=known, handled=False)


def connection():
    options = {}
    if given.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*given.tls)
        options.update(tls_context=context, require_starttls=True)
    if given.user:
        options.update(authenticator=check, auth_required=True, auth_require_tls=bool(given.tls))
    return SMTP(Box(), **options)


async def main():
    server = await asyncio.get_running_loop().create_server(connection, '127.0.0.1', given.port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
