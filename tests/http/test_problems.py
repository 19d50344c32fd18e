"""Every refusal is a problem document, also where no route is reached, and none tells what it should not."""

from __future__ import annotations

import pytest

from tests.http.desk import Desk, done, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOWHERE = ["/v1", "/v1/", "/v2/complaints", "/v1/complaint", "/v1/complaints/", "/docs", "/redoc", "/.env", "/%00"]


@pytest.mark.parametrize("path", NOWHERE)
async def test_an_address_that_is_not_there_is_a_problem(house: Desk, path: str) -> None:
    problem(await house.get("li-min", path), 404, "no-such-resource")


@pytest.mark.parametrize(
    "step", ["raise-severity", "judge-clocks", "receive", "erase-everything", "Classify", "__init__"]
)
async def test_what_is_no_step_of_the_contract_is_not_there(house: Desk, step: str) -> None:
    id = (await house.receive())["id"]
    problem(await house.post("admin", f"/v1/complaints/{id}/{step}", {}), 404, "no-such-resource")


async def test_the_sandboxs_clock_does_not_exist_in_real_time(house: Desk) -> None:
    problem(await house.get("admin", "/v1/sandbox/clock"), 404, "no-such-resource")
    problem(await house.ask("admin", "PUT", "/v1/sandbox/clock", {"now": "2026-03-02T09:00:00Z"}), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/keys", {"GET", "POST"}),
        ("PUT", "/v1/complaints", {"POST"}),
        ("GET", "/v1/complaints", {"POST"}),
        ("POST", "/v1/keys/somebody", {"DELETE"}),
        ("OPTIONS", "/healthz", {"GET"}),
        ("PATCH", "/v1/complaints/{id}", {"GET"}),
        ("GET", "/v1/complaints/{id}/classify", {"POST"}),
    ],
)
async def test_a_method_that_is_not_allowed_is_told_which_are(
    house: Desk, method: str, path: str, allowed: set[str]
) -> None:
    answer = await house.ask("admin", method, path.format(id="00000000-0000-4000-8000-000000000000"))
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_a_defect_of_ours_is_a_problem_that_tells_nothing(house: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    async def broken() -> None:
        raise RuntimeError("欧阳 +8613912345678")

    house.app.add_api_route("/broken", broken)
    answer = await house.get("li-min", "/broken")
    problem(answer, 500, "internal-error")
    assert answer.headers["x-request-id"]
    assert "13912345678" not in answer.text
    written = "".join(capfd.readouterr())
    assert "RuntimeError" in written
    assert "13912345678" not in written


async def test_every_answer_carries_a_request_id_and_takes_a_harmless_one(house: Desk) -> None:
    given = await house.get("li-min", "/healthz", headers={"X-Request-Id": "call-17.a"})
    assert given.headers["x-request-id"] == "call-17.a"
    refused = await house.get("li-min", "/nowhere", headers={"X-Request-Id": 'a"b\x7f{}'})
    assert len(refused.headers["x-request-id"]) == 32


async def test_a_missing_complaint_is_not_told_from_one_that_never_was(house: Desk) -> None:
    for path in ("", "/history", "/clocks/unit-answers/explanation"):
        answer = await house.get("li-min", f"/v1/complaints/00000000-0000-4000-8000-000000000000{path}")
        problem(answer, 404, "not-found")


async def test_the_clock_of_an_explanation_has_to_be_there_and_to_have_run(house: Desk) -> None:
    id = (await house.dispatched("settlement"))["id"]
    why = f"/v1/complaints/{id}/clocks"
    problem(await house.get("li-min", f"{why}/lunch/explanation"), 404, "no-such-clock")
    problem(await house.get("li-min", f"{why}/execute/explanation"), 404, "clock-has-not-run")
    problem(await house.get("li-min", f"{why}/unit-answers/explanation?unit=trading"), 404, "clock-has-not-run")
    problem(await house.get("li-min", f"{why}/unit-answers/explanation?unti=trading"), 422, "unknown-parameter")
    assert done(await house.get("li-min", f"{why}/unit-answers/explanation?unit=settlement&round=1"))


async def test_procedures_and_calendars_are_there_to_be_read(house: Desk) -> None:
    summaries = done(await house.get("partner-bank", "/v1/procedures"))["items"]
    assert {"kf0001"} <= {summary["code"] for summary in summaries}
    whole = done(await house.get("partner-bank", "/v1/procedures/kf0001"))
    assert {clock["name"] for clock in whole["clocks"]} >= {"record-out", "unit-answers", "capa-report"}
    days = done(await house.get("partner-bank", "/v1/calendars/cn/days?from=2026-02-13&to=2026-02-15"))["items"]
    assert [day["kind"] for day in days] == ["workday", "make-up", "holiday"]
    problem(await house.get("partner-bank", "/v1/procedures/kf9999"), 404, "no-such-procedure")
    problem(await house.get("partner-bank", "/v1/calendars/mars/days?from=2026-02-13&to=2026-02-15"), 404)


async def test_health_readiness_and_metrics_need_no_key(house: Desk) -> None:
    assert done(await house.get(None, "/healthz")) == {"status": "ok"}
    ready = done(await house.get(None, "/readyz"))
    assert (ready["status"], ready["checks"]["database"], ready["checks"]["migrations"]) == ("ready", "ok", "ok")
    metrics = (await house.get(None, "/metrics")).text
    assert "redress_database_up 1.0" in metrics
    assert 'redress_requests_total{method="GET",route="/readyz",status="200"}' in metrics
