"""A real mail server for the tests: says its port, then each letter that it took, as one line of JSON."""

import argparse
import asyncio
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--login", help="NAME:PASSWORD, without which nothing is taken")
    parser.add_argument("--refuse", type=int, default=0, help="how many recipients are refused at first")
    parser.add_argument("--answer", default="451 try again later", help="how they are refused")
    parser.add_argument("--refuse-sender", type=int, default=0, help="how often the sender is refused for good")
    parser.add_argument("--stall", action="store_true", help="accept connections and say nothing")
    return parser.parse_args()


def say(value):
    print(json.dumps(value), flush=True)


class Handler:
    def __init__(self, told):
        self.to_refuse = told.refuse
        self.answer = told.answer
        self.senders_to_refuse = told.refuse_sender

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.senders_to_refuse > 0:
            self.senders_to_refuse -= 1
            return "550 this sender may not send here"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.to_refuse > 0:
            self.to_refuse -= 1
            say({"refused": address})
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: letter.get_body(preferencelist=(kind,)).get_content()
        say({
            "to": envelope.rcpt_tos,
            "from": letter["from"],
            "subject": letter["subject"],
            "id": letter["message-id"],
            "unsubscribe": letter["list-unsubscribe"],
            "one_click": letter["list-unsubscribe-post"],
            "text": part("plain"),
            "html": part("html"),
            "encrypted": session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            "login": session.auth_data.decode() if session.auth_data else None,
        })
        return "250 taken"


async def main():
    told = arguments()
    context = None
    if told.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(told.certificate, told.key)

    def authenticate(server, session, envelope, mechanism, data):
        given = data.login + b":" + data.password
        is_right = told.login is not None and given.decode() == told.login
        return AuthResult(success=is_right, handled=is_right, auth_data=data.login)

    handler = Handler(told)

    def protocol():
        if told.stall:
            return asyncio.Protocol()
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=context if told.tls == "starttls" else None,
            require_starttls=told.tls == "starttls",
            authenticator=authenticate,
            auth_required=told.login is not None,
            auth_require_tls=told.tls == "starttls",
            auth_exclude_mechanism=None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=context if told.tls == "implicit" else None
    )
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


asyncio.run(main())
