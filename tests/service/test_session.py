"""Whether the service runs and is ready; signing in and out is in test_auth."""

from flexura.storage import database


def test_the_service_tells_that_it_runs_and_with_what(client):
    assert client().get("/health").json() == {"status": "alive"}
    assert client().get("/ready").json() == {"status": "ready", "model": "flexura-tiny test"}


def test_without_its_database_the_service_lives_and_is_not_ready(client, monkeypatch, store):
    from flexura.service import session

    assert database.is_reachable(store.engine)
    monkeypatch.setattr(session, "is_reachable", lambda engine: False)
    assert client().get("/health").status_code == 200
    answer = client().get("/ready")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
        503, "database_unavailable", "5"
    )  # fmt: skip
