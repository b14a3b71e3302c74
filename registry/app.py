"""create_app(): settings, database, rooms, filters and error pages, put together once."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from registry import clock, config, display, web
from registry.accounts import views as accounts_views
from registry.applications import views as applications_views
from registry.assessments import views as assessments_views
from registry.audit import views as audit_views
from registry.bulletins import views as bulletins_views
from registry.changes import views as changes_views
from registry.config import Settings
from registry.dashboards import views as dashboards_views
from registry.db import make_engine, open_session
from registry.enterprises import views as enterprises_views
from registry.errors import NotFound, RegistryError
from registry.evidence import proofs
from registry.evidence import views as evidence_views
from registry.exports import views as exports_views
from registry.imports import views as imports_views
from registry.indicators import views as indicators_views
from registry.industries import views as industries_views
from registry.jobs import views as jobs_views
from registry.jobs.runner import Workplace
from registry.notices import views as notices_views
from registry.permissions import Permission
from registry.policies import views as policies_views
from registry.profiles import views as profiles_views
from registry.progression import views as progression_views
from registry.recognitions import keeping, sparing
from registry.recognitions import views as recognitions_views
from registry.regions import views as regions_views
from registry.renewals import views as renewals_views
from registry.reports import views as reports_views
from registry.reviews import exemption_views
from registry.reviews import views as reviews_views
from registry.targets import views as targets_views
from registry.web import RegistryFlask
from registry.worklist import views as worklist_views

PRODUCT = "优质中小企业梯度培育管理系统"
ROOMS = (
    worklist_views,
    profiles_views,
    enterprises_views,
    indicators_views,
    recognitions_views,
    evidence_views,
    assessments_views,
    applications_views,
    reviews_views,
    exemption_views,
    notices_views,
    changes_views,
    renewals_views,
    imports_views,
    exports_views,
    jobs_views,
    bulletins_views,
    dashboards_views,
    reports_views,
    progression_views,
    targets_views,
    policies_views,
    regions_views,
    industries_views,
    accounts_views,
    audit_views,
)

log = logging.getLogger("registry")
csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> RegistryFlask:
    """The whole product as one WSGI application."""
    settings = settings or config.from_environment()
    app = RegistryFlask(
        "registry",
        template_folder=str(config.DATA_ROOT / "templates"),
        static_folder=str(config.PACKAGE / "static"),
    )
    app.config.update(_flask_config(settings))
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask documents this
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    Bootstrap5(app)
    options = {
        keeping.OPTION: settings.renewal_keeps_title,
        sparing.OPTION: settings.higher_title_spares_lower,
    }
    workplace = Workplace(settings, make_engine(settings.database_url).execution_options(**options))
    app.extensions[jobs_views.WORKPLACE] = workplace
    web.init_app(
        app,
        web.Context(
            engine=workplace.engine,
            settings=settings,
            identify=accounts_views.identify,
            report_refusal=audit_views.report_refusal,
            effects={**workplace.effects, proofs.SETTLE: lambda _: _settle_proofs(workplace)},
        ),
    )
    csrf.init_app(app)
    web.guard_app(app)
    for room in ROOMS:
        app.register_blueprint(room.bp)
    display.init_app(app)
    app.context_processor(_template_context)
    _handle_errors(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": settings.upload_limit + 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": web.FORM_LIMIT,
        "MAX_FORM_PARTS": 5000,
        "SESSION_COOKIE_NAME": "__Host-registry_form" if settings.https else "registry_form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.https,
        "BOOTSTRAP_SERVE_LOCAL": True,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }


def _settle_proofs(workplace: Workplace) -> None:
    """What cannot be removed now is removed with the next file."""
    try:
        with open_session(workplace.engine, read_only=True) as session:
            proofs.settle(session, workplace.settings)
    except (OSError, OperationalError):
        log.warning("files of deleted proofs wait to be removed", exc_info=True)


def _template_context() -> dict[str, Any]:
    found = web.signed_in()
    actor = found.actor if found else None
    return {
        "actor": actor,
        "large_type": bool(found and found.large_type),
        "can": lambda word: bool(actor and actor.may(Permission(word))),
        **worklist_views.frame(),
        "product_name": PRODUCT,
        "unit_name": web.settings().unit_name,
        "now": clock.local(clock.now()),
    }


def _handle_errors(app: RegistryFlask) -> None:
    app.register_error_handler(RegistryError, _refused)
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unexpected)


_HTTP_WORDS = {
    400: "请求的内容不完整或已失效，请返回上一页重新操作。",
    401: "登录已过期，请重新登录。刚才填写的内容还在原页面上。",
    404: "没有找到要看的内容，可能已被删除，或不在本单位管辖范围。",
    405: "这个地址不支持这种操作，请从菜单重新进入。",
    413: "上传的内容过大，请分批上传。",
    429: "操作过于频繁，请稍后再试。",
}


def _refused(error: RegistryError) -> ResponseReturnValue:
    found = web.signed_in()
    if isinstance(error, NotFound) and found is not None:
        web.close_session()
        engine = web.context().engine
        audit_views.report_refusal(engine, found.actor, str(request.endpoint), audit_views.MISSED)
    return _error_page(error.status, error.message)


def _expired_form(_error: CSRFError) -> ResponseReturnValue:
    return _error_page(400, "页面停留过久，表单已失效。请返回上一页刷新后再提交。")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, SecurityError):
        # A host that is not ours: no address can be built for it, so no page either.
        return Response("请使用系统的正式网址访问。", 400, mimetype="text/plain")
    if error.code is None or error.code < 400:
        return error.get_response()
    return _error_page(error.code, _HTTP_WORDS.get(error.code, _HTTP_WORDS[400]))


def _database_away(error: OperationalError) -> ResponseReturnValue:
    log.error("database unavailable, request %s: %s", g.get("request_id"), error)
    return _error_page(
        503, "数据库暂时无法使用，内容没有保存。请稍后重试；仍不行请联系系统管理员。"
    )


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected error, request %s", g.get("request_id"), exc_info=error)
    return _error_page(500, "系统出错，内容没有保存。请把下面的错误编号告诉系统管理员。")


def _error_page(status: int, message: str) -> ResponseReturnValue:
    web.close_session()
    g.answering_error = True
    if request.headers.get("X-Autosave"):
        return {"error": message}, status
    page = render_template(
        "errors/error.html",
        status=status,
        message=message,
        request_id=g.get("request_id", ""),
        # To look again at what has changed; reloading would only send the same once more.
        back_url=web.came_from() if request.method == "POST" and status < 500 else None,
    )
    return page, status
