"""A database that a test had is given to the next one: a new one for each would cost more than the test itself."""

from tests.cluster import Cluster, Template
from tests.http.desk import MONDAY_9AM, make_sandbox, open_desk


async def test_a_database_in_which_the_service_worked_is_emptied_and_given_out_again(
    cluster: Cluster, template: Template
) -> None:
    with cluster.copy(template) as first:
        make_sandbox(cluster, first, MONDAY_9AM)
        async with open_desk(first, sandbox=True) as desk:
            await desk.dispatched("settlement")
            assert (await desk.get("he-ping", "/v1/audit/events")).status_code == 200
    with cluster.copy(template) as second:
        assert second == first
        make_sandbox(cluster, second, MONDAY_9AM)
        async with open_desk(second, sandbox=True) as desk:
            assert await desk.service.log.head() == 0
