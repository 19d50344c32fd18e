"""Every refusal is a problem document, also where no route is reached, and none tells what it should not."""

from __future__ import annotations

import pytest

from tests.http.desk import Desk, complaint, done, pointers, problem

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
        ("DELETE", "/v1/keys", {"GET", "HEAD", "POST"}),
        ("PUT", "/v1/complaints", {"POST"}),
        ("GET", "/v1/complaints", {"POST"}),
        ("HEAD", "/v1/complaints", {"POST"}),
        ("POST", "/v1/keys/somebody", {"DELETE"}),
        ("PATCH", "/v1/complaints/{id}", {"GET", "HEAD"}),
        ("GET", "/v1/complaints/{id}/classify", {"POST"}),
    ],
)
async def test_a_method_that_is_not_allowed_is_told_which_are(
    house: Desk, method: str, path: str, allowed: set[str]
) -> None:
    path = path.format(id="00000000-0000-4000-8000-000000000000")
    answer = await house.ask("admin", method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {*allowed, "OPTIONS"}
    if method != "HEAD":
        problem(answer, 405, "method-not-allowed")
    asked = await house.ask(None, "OPTIONS", path)
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["allow"] == answer.headers["allow"]


async def test_what_is_not_there_has_no_options(house: Desk) -> None:
    problem(await house.ask(None, "OPTIONS", "/v1/nowhere"), 404, "no-such-resource")


async def test_a_head_is_answered_as_the_get_without_its_body(house: Desk) -> None:
    taken = await house.receive()
    for who, path in (
        ("li-min", f"/v1/complaints/{taken['id']}"), ("feng-yu", f"/v1/complaints/{taken['id']}"),
        (None, "/v1/tracking"), ("li-min", "/v1/procedures"), (None, "/healthz"), ("li-min", "/v1/nowhere"),
    ):  # fmt: skip
        whole, head = await house.get(who, path), await house.ask(who, "HEAD", path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        for name in ("content-type", "content-length", "etag", "www-authenticate"):
            assert head.headers.get(name) == whole.headers.get(name)
    metrics = (await house.get(None, "/metrics")).text
    assert 'redress_requests_total{method="HEAD",route="/v1/complaints/{id}",status="200"}' in metrics


async def test_every_answer_says_that_it_is_for_its_reader_alone(house: Desk) -> None:
    taken = await house.post("li-min", "/v1/complaints", complaint())
    answers = [
        taken, await house.get("li-min", taken.headers["location"]), await house.get("li-min", "/nowhere"),
        await house.get(None, "/v1/tracking"), await house.get(None, "/"), await house.get(None, "/openapi.json"),
        await house.get("li-min", "/v1/tracking", headers={"Accept": "text/csv"}),
        await house.ask(None, "OPTIONS", "/v1/complaints"), await house.get(None, "/metrics"),
    ]  # fmt: skip
    for answer in answers:
        assert answer.headers.get_list("cache-control") == ["no-store"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


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


@pytest.mark.parametrize(
    "path",
    [
        "/v1/keys", "/v1/procedures", "/v1/procedures/kf0001", "/v1/calendars/cn/days?from=2026-01-01&to=2026-01-02",
        "/v1/status/KF0001-1?phone_tail=8000", "/v1/tracking", "/v1/sla", "/v1/obligations", "/v1/sla/summary",
        "/v1/audit/events",
        "/v1/complaints/{id}", "/v1/complaints/{id}/history", "/v1/complaints/{id}/clocks/whole-case/explanation",
    ],
)  # fmt: skip
async def test_a_parameter_that_an_address_does_not_take_is_named(house: Desk, path: str) -> None:
    path = path.format(id=(await house.dispatched("settlement"))["id"])
    answer = await house.get("admin", f"{path}{'&' if '?' in path else '?'}limmit=5")
    assert pointers(problem(answer, 422)) == ["?limmit"]


async def test_the_sandboxs_clock_takes_no_parameters(sandbox: Desk) -> None:
    problem(await sandbox.get("admin", "/v1/sandbox/clock?now=2026-03-02T09:00:00Z"), 422, "unknown-parameter")


TIMES = {
    "1700000000": "with its offset", "0": "with its offset", "-1": "with its offset", "1e9": "with its offset",
    "2026-03-02T09:00:00": "offset from UTC", "2026-03-02 09:00:00": "offset from UTC",
    "2026-03-02T09:00:00+08:00": "write it as %2B", "2026-03-02T09:00+08:00": "write it as %2B",
    "2026-03-02": "with its offset", "": "with its offset", "2026-03-02T09:00Z": "with its offset",
    "2026-03-02t09:00:00z": "with its offset", "2026-03-02T24:00:00Z": "with its offset",
    "2026-13-02T09:00:00Z": "", "1899-12-31T09:00:00Z": "1900",
}  # fmt: skip
TAKE_TIMES = [
    "/v1/complaints/{id}?as_of", "/v1/tracking?as_of", "/v1/tracking?received_from", "/v1/tracking?received_to",
    "/v1/sla?due_before",
]  # fmt: skip


@pytest.mark.parametrize("path", TAKE_TIMES)
async def test_a_time_is_taken_with_its_offset_and_no_other_way(house: Desk, path: str) -> None:
    path = path.format(id=(await house.receive())["id"])
    for text, said in TIMES.items():
        refusal = problem(await house.get("li-min", f"{path}={text}"), 422, "invalid-parameters")
        assert pointers(refusal) == [f"?{path.partition('?')[2]}"]
        assert said in refusal["errors"][0]["detail"]
    for text in ("2999-03-02T09:00:00%2B08:00", "2999-03-02T09:00:00.123456Z", "2999-03-02T09:00:00-05:30"):
        assert (await house.get("li-min", f"{path}={text}")).status_code == 200


@pytest.mark.parametrize("text", ["1700000000", "0", "2026-03-02T00:00:00", "20260302", ""])
async def test_a_day_is_taken_as_a_day_and_no_other_way(house: Desk, text: str) -> None:
    refusal = problem(await house.get("li-min", f"/v1/calendars/cn/days?from=1970-01-01&to={text}"), 422)
    assert pointers(refusal) == ["?to"]


async def test_health_readiness_and_metrics_need_no_key(house: Desk) -> None:
    assert done(await house.get(None, "/healthz")) == {"status": "ok"}
    ready = done(await house.get(None, "/readyz"))
    assert (ready["status"], ready["checks"]["database"], ready["checks"]["migrations"]) == ("ready", "ok", "ok")
    metrics = (await house.get(None, "/metrics")).text
    assert "redress_database_up 1.0" in metrics
    assert 'redress_requests_total{method="GET",route="/readyz",status="200"}' in metrics
