"""A real OpenID Connect provider for the tests: a process of its own on loopback, with PKCE and signed tokens.

`python oidc_provider.py EMAIL VERIFIED` prints its address and answers until it is ended. Whoever comes is
signed in as EMAIL at once: what is tested is our side.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "firsthand", "a-shared-secret"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EMAIL, VERIFIED = sys.argv[1], sys.argv[2] == "verified"
codes, tokens = {}, {}


def challenge_of(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Provider(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self.answer(self.configuration())
        elif parts.path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self.answer({"keys": [{**key, "kid": "1", "alg": "RS256", "use": "sig"}]})
        elif parts.path == "/authorize":
            self.authorize(query)
        elif parts.path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self.answer(tokens[token]) if token in tokens else self.answer({}, 401)
        else:
            self.answer({}, 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = codes.pop(form.get("code", ""), None)
        right = (
            asked is not None
            and form.get("client_secret") == SECRET
            and form.get("redirect_uri") == asked["redirect_uri"]
            and challenge_of(form.get("code_verifier", "")) == asked["code_challenge"]
        )
        if not right:
            self.answer({"error": "invalid_grant"}, 400)
            return
        person = {
            "sub": "person-1",
            "email": EMAIL,
            "email_verified": VERIFIED,
            "name": "From outside",
        }
        now = int(time.time())
        claims = {**person, "iss": self.home(), "aud": CLIENT, "iat": now, "exp": now + 60}
        token = secrets.token_hex(8)
        tokens[token] = person
        signed = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})
        self.answer({"access_token": token, "token_type": "Bearer", "id_token": signed})

    def authorize(self, query):
        if query.get("client_id") != CLIENT or query.get("code_challenge_method") != "S256":
            self.answer({"error": "invalid_request"}, 400)
            return
        code = secrets.token_hex(8)
        codes[code] = query
        self.send_response(302)
        back = urlencode({"code": code, "state": query["state"]})
        self.send_header("Location", f"{query['redirect_uri']}?{back}")
        self.end_headers()

    def home(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def configuration(self):
        home = self.home()
        return {
            "issuer": home,
            "authorization_endpoint": f"{home}/authorize",
            "token_endpoint": f"{home}/token",
            "userinfo_endpoint": f"{home}/userinfo",
            "jwks_uri": f"{home}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def answer(self, content, status=200):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
