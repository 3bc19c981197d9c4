"""Accounts: closed, reopened, given roles and passwords; passwords that are guessed, or easy to guess."""

import base64
import json
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings as project
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.errors import PermissionRefusal
from confianza.server.audit.models import AuditEvent
from confianza.server.people import services
from confianza.server.people.models import User
from confianza.server.people.passwords import made_password
from confianza.server.people.throttling import ACCOUNTS_PER_ADDRESS

OPERATOR = Actor("command-line", "operator")
FIRST, SECOND, THIRD = "una-frase-larga-4", "otra-frase-larga-5", "la-tercera-frase-6"
MODEL = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def hashes(settings, monkeypatch):
    """Passwords are worked out quickly here, and each time is noted."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    seen, encode = [], MD5PasswordHasher.encode

    def noted(self, password, salt):
        seen.append(salt)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noted)
    return seen


def add(account="ana", role="assessor", *, is_temporary=False, password=FIRST) -> User:
    user = services.add_person(
        account=account, role=role, party_code="MX", language="en", password=password, actor=OPERATOR
    )
    user.password_is_temporary = is_temporary
    user.save()
    return user


def sign_in(account="ana", password=FIRST, **more):
    client = Client()
    return client, client.post("/login/", {"username": account, "password": password}, **more)


def signed_in(account="ana", password=FIRST, **more) -> Client:
    client, answer = sign_in(account, password, **more)
    assert answer.status_code == 302
    return client


def is_in(client) -> bool:
    return client.get("/relationship/").status_code == 200


def basic(account, password, **more):
    token = base64.b64encode(f"{account}:{password}".encode()).decode()
    return Client().get("/api/cases", headers={"authorization": f"Basic {token}"}, **more)


def last_event() -> tuple:
    event = AuditEvent.objects.last()
    return event.account, event.action, event.subject, event.payload


@pytest.fixture
def administrator():
    """A browser of an administrator with a password of one's own."""
    add("chief", "administrator")
    return signed_in("chief")


def change(client, account, what, **form):
    return client.post(f"/people/{User.objects.get(username=account).pk}/{what}/", form)


# --- closing, reopening -----------------------------------------------------------------------------


def test_a_closed_account_is_out_at_once_and_stays_out(administrator):
    add()
    client = signed_in()
    assert is_in(client)
    assert change(administrator, "ana", "close").status_code == 302
    assert last_event() == ("chief", "person.close", "person:ana", {})
    assert not is_in(client)
    assert sign_in()[1].status_code == 200
    assert basic("ana", FIRST).status_code == 401
    assert "closed" in administrator.get("/people/").content.decode()


def test_a_reopened_account_has_another_password_and_none_of_its_old_sessions(administrator):
    add()
    client = signed_in()
    change(administrator, "ana", "close")
    assert change(administrator, "ana", "reopen", password=SECOND).status_code == 302
    assert last_event() == ("chief", "person.reopen", "person:ana", {"role": "assessor"})
    assert not is_in(client)
    assert sign_in()[1].status_code == 200
    assert signed_in(password=SECOND).get("/")["Location"] == "/password/"


def test_what_does_not_fit_the_state_of_an_account_is_refused_and_changes_nothing(administrator):
    add()
    refused = [("reopen", {"password": SECOND})]
    closed = [("close", {}), ("role", {"role": "auditor"}), ("password", {"password": SECOND})]
    for attempts in (refused, closed):
        before = AuditEvent.objects.count()
        for what, form in attempts:
            assert change(administrator, "ana", what, **form).status_code == 409
        assert AuditEvent.objects.count() == before
        if attempts is refused:
            change(administrator, "ana", "close")
    with pytest.raises(PermissionRefusal) as refusal:
        services.close_person(account="nobody", actor=OPERATOR)
    assert refusal.value.code == "account-unknown"
    number = User.objects.get(username="ana").pk
    assert administrator.post(f"/people/{number}/destroy/").status_code == 404
    assert administrator.get("/people/999999/").status_code == 404


def test_the_last_administrator_stays(administrator):
    for what, form in (("close", {}), ("role", {"role": "auditor"})):
        answer = change(administrator, "chief", what, **form)
        assert answer.status_code == 409
        assert "last open account" in answer.content.decode()
    add("deputy", "administrator")
    change(administrator, "deputy", "close")
    assert change(administrator, "chief", "close").status_code == 409  # a closed one does not count
    change(administrator, "deputy", "reopen", password=SECOND)
    assert change(administrator, "chief", "role", role="auditor").status_code == 302
    with pytest.raises(PermissionRefusal):
        services.close_person(account="deputy", actor=OPERATOR)


def test_an_account_of_the_demo_is_not_changed(administrator):
    before = AuditEvent.objects.count()
    for what, form in (("close", {}), ("role", {"role": "auditor"}), ("password", {"password": SECOND})):
        answer = change(administrator, "assessor", what, **form)
        assert answer.status_code == 409
        assert "account of the demo" in answer.content.decode()
    assert AuditEvent.objects.count() == before


def test_another_role_counts_from_the_next_page_on(administrator):
    add()
    client = signed_in()
    assert client.get("/audit/").status_code == 403
    change(administrator, "ana", "role", role="auditor")
    assert last_event() == (
        "chief",
        "person.role",
        "person:ana",
        {"role": "auditor", "before": "assessor"},
    )
    assert client.get("/audit/").status_code == 200
    assert change(administrator, "ana", "role", role="king").status_code == 400


# --- passwords ----------------------------------------------------------------------------------------


def test_an_account_with_another_password_is_signed_out_and_its_owner_chooses_the_next(administrator):
    add()
    client = signed_in()
    assert change(administrator, "ana", "password", password=SECOND).status_code == 302
    assert last_event() == ("chief", "person.password", "person:ana", {"is_temporary": True})
    assert not is_in(client)
    client = signed_in(password=SECOND)
    for address in ("/", "/relationship/", "/cases/export.csv", "/charts/share-wide.svg"):
        assert client.get(address)["Location"] == "/password/"
    assert client.post("/cases/open/", {})["Location"] == "/password/"
    for answer in (client.get("/api/cases"), basic("ana", SECOND)):
        assert (answer.status_code, answer.json()["code"]) == (403, "password-temporary")
    assert "set by an administrator" in client.get("/password/").content.decode()
    assert client.post("/logout/").status_code == 302


def own(client, old, new, again=None):
    form = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return client.post("/password/", form)


def test_whoever_changes_the_own_password_stays_in_here_and_is_out_elsewhere():
    add(is_temporary=True)
    here, elsewhere = signed_in(), signed_in()
    assert own(here, FIRST, SECOND)["Location"] == "/"
    assert last_event() == ("ana", "person.password", "person:ana", {"is_temporary": False})
    assert is_in(here)
    assert not is_in(elsewhere)
    assert is_in(signed_in(password=SECOND))
    assert basic("ana", SECOND).status_code == 200


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("old", "new", "again", "words"),
    [
        ("wrong", SECOND, SECOND, {"en": "old password was entered incorrectly", "es": "contraseña antigua"}),
        (FIRST, SECOND, THIRD, {"en": "didn’t match", "es": "no coinciden"}),
        (FIRST, FIRST, FIRST, {"en": "is the present one", "es": "es la actual"}),
        (FIRST, "passwordpassword", "passwordpassword", {"en": "easy to guess", "es": "fácil de adivinar"}),
    ],
)
def test_a_change_of_password_that_does_not_fit_is_told_and_changes_nothing(language, old, new, again, words):
    add()
    client = signed_in()
    client.cookies[project.LANGUAGE_COOKIE_NAME] = language
    before = AuditEvent.objects.count()
    answer = own(client, old, new, again)
    assert answer.status_code == 400
    assert words[language] in answer.content.decode()
    assert AuditEvent.objects.count() == before
    assert is_in(signed_in())


def test_an_administrator_changes_the_own_password_only_with_the_present_one(administrator):
    answer = change(administrator, "chief", "password", password=SECOND)
    assert answer.status_code == 409
    assert User.objects.get(username="chief").check_password(FIRST)


def test_a_demo_account_has_no_password_to_change(client_of):
    client = client_of("assessor")
    assert "account of the demo" in client.get("/password/").content.decode()
    assert own(client, "", SECOND).status_code == 409
    assert not User.objects.get(username="assessor").has_usable_password()


def test_no_password_is_in_the_log(administrator):
    add()
    change(administrator, "ana", "password", password=SECOND)
    own(signed_in(password=SECOND), SECOND, THIRD)
    log = json.dumps(list(AuditEvent.objects.values_list("subject", "payload")))
    assert [password for password in (FIRST, SECOND, THIRD) if password in log] == []


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa", "passwordpassword", "123456789012", "abcabcabcabc", "qwertyuiopas", "Password1234!",
        "confianza2026", "contraseñacontraseña", "contraseña2026", "maria-maria-maria", "20262026202620", "corta",
    ],
)  # fmt: skip
def test_a_password_that_few_guesses_find_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, User(username="maria"))


@pytest.mark.parametrize("password", [FIRST, "una frase muy larga", "correct horse battery staple", "x" * 0])
def test_a_password_of_several_words_is_taken(password):
    validate_password(password or made_password(), User(username="maria"))


# --- guessed passwords ----------------------------------------------------------------------------------

LIMIT = project.AXES_FAILURE_LIMIT
HOME, AWAY = {"REMOTE_ADDR": "192.0.2.7"}, {"REMOTE_ADDR": "198.51.100.9"}


def guess_on_the_page(number: int):
    return sign_in("ana", f"guess {number}", **AWAY)[1]


def guess_at_the_interface(number: int):
    return basic("ana", f"guess {number}", **AWAY)


@pytest.mark.parametrize("guess", [guess_on_the_page, guess_at_the_interface])
def test_guesses_are_soon_refused_before_the_password_is_worked_out(hashes, guess):
    add()
    client = signed_in(**HOME)
    hashes.clear()
    statuses = [guess(number).status_code for number in range(LIMIT + 20)]
    assert statuses[LIMIT:] == [429] * 20
    assert len(hashes) == LIMIT
    assert is_in(client)  # who is signed in goes on
    assert (
        sign_in("ana", FIRST, **AWAY)[1].status_code == 429
    )  # the right one from there is not looked at either
    assert len(hashes) == LIMIT
    assert is_in(signed_in(**HOME))  # and is, from elsewhere


def test_guesses_at_many_accounts_shut_the_address(hashes):
    add()
    most = LIMIT * ACCOUNTS_PER_ADDRESS
    statuses = [basic(f"account-{number}", "guess", **AWAY).status_code for number in range(most + 20)]
    assert statuses[most:] == [429] * 20
    assert statuses[: most - 1] == [401] * (most - 1)
    assert sign_in("ana", FIRST, **AWAY)[1].status_code == 429
    assert is_in(signed_in(**HOME))


def test_a_sign_in_forgets_the_guesses_at_its_own_account_only(hashes):
    add()
    for number in range(LIMIT - 1):
        sign_in("ana", f"guess {number}", **AWAY)
        sign_in("other", f"guess {number}", **AWAY)
    signed_in(**AWAY)
    assert sign_in("ana", "guess", **AWAY)[1].status_code == 200
    assert sign_in("other", "guess", **AWAY)[1].status_code == 429


def test_an_address_that_was_shut_opens_again_though_guesses_go_on():
    add()
    for number in range(LIMIT + 3):
        sign_in("ana", f"guess {number}", **AWAY)
    counted = AccessAttempt.objects.get()
    assert counted.failures_since_start == LIMIT
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - project.AXES_COOLOFF_TIME - timedelta(seconds=1)
    )
    assert is_in(signed_in(**AWAY))
    assert not AccessAttempt.objects.exists()


def test_another_password_opens_what_guesses_had_shut(administrator):
    add()
    for number in range(LIMIT):
        sign_in("ana", f"guess {number}", **AWAY)
    change(administrator, "ana", "password", password=SECOND)
    signed_in(password=SECOND, **AWAY)


@pytest.mark.parametrize(("language", "words"), [("en", "Wait 10 minutes"), ("es", "Espere 10 minutos")])
def test_a_refused_guess_says_how_long_to_wait_in_both_languages(language, words):
    add()
    for number in range(LIMIT):
        basic("ana", f"guess {number}", **AWAY)
    token = base64.b64encode(b"ana:guess").decode()
    headers = {"accept-language": language}
    page = Client(headers=headers).post("/login/", {"username": "ana", "password": "guess"}, **AWAY)
    answer = Client(headers=headers | {"authorization": f"Basic {token}"}).get("/api/cases", **AWAY)
    assert words in page.content.decode()
    assert answer.json()["code"] == "too-many-guesses"
    assert words in answer.json()["message"]
    assert page["Retry-After"] == answer["Retry-After"] == "600"
    assert page.status_code == answer.status_code == 429


@pytest.mark.parametrize("account", ["x" * 5000, "a\x00b", "", "ñandú", "secret typed in the wrong place"])
def test_whatever_stands_for_the_account_is_counted_and_not_stored(account):
    assert [basic(account, "guess", **AWAY).status_code for _ in range(LIMIT + 1)][-1] == 429
    stored = json.dumps(list(AccessAttempt.objects.values()), default=str)
    assert not account or account not in stored


def test_an_address_named_by_the_client_itself_is_not_believed():
    add()
    for number in range(LIMIT):
        basic("ana", "guess", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}", **AWAY)
    assert basic("ana", "guess", HTTP_X_FORWARDED_FOR="203.0.113.99", **AWAY).status_code == 429


def test_a_form_that_waits_for_the_sign_in_waits_for_the_own_password_too():
    """What was typed comes back without passing the guards of a request again; the temporary password still counts."""
    add("jefa", "administrator", is_temporary=True)
    form = json.dumps({"address": "/people/", "fields": [["account", "intruder"]], "has_files": False})
    answer = Client().post("/login/", {"username": "jefa", "password": FIRST, "unsent": form})
    assert (answer.status_code, answer["Location"]) == (302, "/password/")
