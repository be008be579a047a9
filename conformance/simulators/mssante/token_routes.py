"""The token server over HTTP: discovery, authorization code, refresh, introspection, revocation (RFC 6749, 7009, 7662)."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from aiohttp import web

from conformance.simulators.journal import Journal, fingerprint
from conformance.simulators.mssante.model import SOURCE, Tokens
from conformance.simulators.mssante.tokens import SCOPE, TokenServer


class TokenRoutes:
    """The endpoints under ``/psc``."""

    def __init__(self, tokens: TokenServer, journal: Journal) -> None:
        self._tokens = tokens
        self._journal = journal

    def add_to(self, application: web.Application) -> None:
        """Add the endpoints."""
        application.router.add_get("/psc/.well-known/openid-configuration", self._discovery)
        application.router.add_get("/psc/authorize", self._authorize)
        application.router.add_post("/psc/token", self._token)
        application.router.add_post("/psc/introspect", self._introspect)
        application.router.add_post("/psc/revoke", self._revoke)
        application.router.add_get("/psc/userinfo", self._userinfo)

    async def _discovery(self, request: web.Request) -> web.Response:
        base = f"http://{request.host}/psc"
        return web.json_response(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "introspection_endpoint": f"{base}/introspect",
                "revocation_endpoint": f"{base}/revoke",
                "userinfo_endpoint": f"{base}/userinfo",
                "scopes_supported": SCOPE.split(),
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token", "password"],
            }
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        """Send the browser back at once with a code: ``login_hint`` says for whom."""
        asked = request.query
        back, subject = asked.get("redirect_uri", ""), asked.get("login_hint", "")
        if urlsplit(back).hostname not in ("127.0.0.1", "localhost", "::1"):
            return _error("invalid_request", "redirect_uri must be on the loopback")
        if not subject:
            return _error("invalid_request", "login_hint must hold a national identifier")
        answer = {"code": self._tokens.code(subject)}
        if "state" in asked:
            answer["state"] = asked["state"]
        self._journal.record(SOURCE, "token.code", subject=subject)
        separator = "&" if urlsplit(back).query else "?"
        raise web.HTTPFound(f"{back}{separator}{urlencode(answer)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        grant = form.get("grant_type", "")
        given: Tokens | None
        if grant == "authorization_code":
            given = self._tokens.exchange(form.get("code", ""))
        elif grant == "refresh_token":
            given = self._tokens.refresh(form.get("refresh_token", ""))
        elif grant == "password" and form.get("username"):
            given = self._tokens.issue(form["username"])
        else:
            return _error("unsupported_grant_type", f"grant_type {grant or '-'} cannot be used so")
        name = fingerprint(given.access) if given else ""
        self._journal.record(SOURCE, "token.grant", grant=grant, granted=given is not None, token=name)
        if given is None:
            return _error("invalid_grant", "not good (any more)")
        return web.json_response(
            {
                "access_token": given.access,
                "refresh_token": given.refresh,
                "token_type": "Bearer",
                "expires_in": round(given.seconds),
                "scope": SCOPE,
            },
            headers={"Cache-Control": "no-store"},
        )

    async def _introspect(self, request: web.Request) -> web.Response:
        found = self._tokens.subject(str((await request.post()).get("token", "")))
        if found is None:
            return web.json_response({"active": False})
        return web.json_response({"active": True, "SubjectNameID": found[0], "exp": int(found[1]), "scope": SCOPE})

    async def _revoke(self, request: web.Request) -> web.Response:
        token = str((await request.post()).get("token", ""))
        self._tokens.revoke(token)
        self._journal.record(SOURCE, "token.revoked", token=fingerprint(token))
        return web.Response()

    async def _userinfo(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        found = self._tokens.subject(token) if scheme.casefold() == "bearer" else None
        if found is None:
            return web.json_response({"error": "invalid_token"}, status=401, headers={"WWW-Authenticate": "Bearer"})
        return web.json_response({"sub": found[0], "SubjectNameID": found[0]})


def _error(code: str, words: str) -> web.Response:
    return web.json_response({"error": code, "error_description": words}, status=400)
