"""The plain CRUD service that Redress is compared with: FastAPI, SQLAlchemy's asyncio ORM, one row and one audit row.

It is what a competent developer writes in an afternoon, neither crippled nor tuned: no event log, no encryption, no
idempotency, no read models. Run it with `python -m bench.crud_service PORT`; `BENCH_DATABASE_URL` names the database
and `BENCH_API_KEY` the key that it accepts. Its tables live in the schema `bench_crud`, made anew at each start.
"""

import hashlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, MetaData, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.schema import CreateSchema, DropSchema

SCHEMA = "bench_crud"


class Row(DeclarativeBase):
    metadata = MetaData(schema=SCHEMA)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: TEXT,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(TEXT),
    }


class ApiKeyRow(Row):
    __tablename__ = "api_keys"

    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    actor: Mapped[str]
    roles: Mapped[list[str]]
    unit: Mapped[str | None]


class ComplaintRow(Row):
    __tablename__ = "complaints"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    serial: Mapped[int] = mapped_column(BigInteger, Identity())
    version: Mapped[int] = mapped_column(default=1)
    procedure: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="received", index=True)
    channel: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
    complainant_name: Mapped[str | None]
    complainant_phone: Mapped[str | None] = mapped_column(index=True)
    complainant_email: Mapped[str | None]
    complainant_customer_no: Mapped[str | None]
    complainant_anonymous: Mapped[bool]
    subject: Mapped[str]
    content: Mapped[str]
    wants: Mapped[str | None]
    issue_point: Mapped[str | None] = mapped_column(index=True)
    accused: Mapped[list[str]]
    call_id: Mapped[str | None]
    facts: Mapped[dict[str, Any]]


class AuditRow(Row):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey(ComplaintRow.id), index=True)
    action: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    complaint: Mapped[ComplaintRow] = relationship()


class Complainant(BaseModel):
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    customer_no: str | None = None
    anonymous: bool = False


class NewComplaint(BaseModel):
    """The body of `POST /complaints`, the same as that of Redress's `POST /v1/complaints`."""

    model_config = ConfigDict(extra="forbid")

    procedure: str
    kind: str = "complaint"
    channel: str
    occurred_at: datetime | None = None
    complainant: Complainant
    subject: str = Field(min_length=1, max_length=500)
    content: str = Field(max_length=20_000)
    wants: str | None = None
    issue_point: str | None = None
    accused: list[str] = []
    call_id: str | None = None
    facts: dict[str, Any] = {}


class Complaint(BaseModel):
    """The stored row, as the answer shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    version: int
    procedure: str
    kind: str
    status: str
    channel: str
    occurred_at: datetime
    received_at: datetime
    complainant: Complainant
    subject: str
    content: str
    wants: str | None
    issue_point: str | None
    accused: list[str]
    call_id: str | None
    facts: dict[str, Any]


async def session_of(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(session_of)]


async def caller(request: Request, session: Session) -> ApiKeyRow:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "give an API key")
    found = await session.scalar(select(ApiKeyRow).where(ApiKeyRow.key_hash == hashlib.sha256(key.encode()).digest()))
    if found is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "this API key is unknown")
    return found


async def create_complaint(
    body: NewComplaint, session: Session, actor: Annotated[ApiKeyRow, Depends(caller)]
) -> Complaint:
    now = datetime.now(UTC)
    row = ComplaintRow(
        **body.model_dump(exclude={"complainant", "occurred_at"}),
        **{f"complainant_{name}": value for name, value in body.complainant.model_dump().items()},
        occurred_at=body.occurred_at or now,
        received_at=now,
    )
    session.add(AuditRow(complaint=row, action="created", actor=actor.actor, at=now, data=body.model_dump(mode="json")))
    await session.commit()
    return shown(row)


def shown(row: ComplaintRow) -> Complaint:
    number = f"{row.procedure.upper()}-{row.received_at:%Y%m%d}-{row.serial:06d}"
    complainant = Complainant(
        name=row.complainant_name,
        phone=row.complainant_phone,
        email=row.complainant_email,
        customer_no=row.complainant_customer_no,
        anonymous=row.complainant_anonymous,
    )
    columns = {c.key: getattr(row, c.key) for c in row.__table__.columns if not c.key.startswith("complainant_")}
    return Complaint.model_validate({**columns, "number": number, "complainant": complainant})


def create_app() -> FastAPI:
    """The service over the database that `BENCH_DATABASE_URL` (postgresql://…) names."""
    engine = create_async_engine(
        os.environ["BENCH_DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=20,
        # Overflow connections are closed when they come back: under a steady load, opening them costs a fifth of all.
        max_overflow=0,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        key_hash = hashlib.sha256(os.environ["BENCH_API_KEY"].encode()).digest()
        async with engine.begin() as connection:
            await connection.execute(DropSchema(SCHEMA, cascade=True, if_exists=True))
            await connection.execute(CreateSchema(SCHEMA))
            await connection.run_sync(Row.metadata.create_all)
        async with app.state.sessions.begin() as session:
            session.add(ApiKeyRow(key_hash=key_hash, actor="bench", roles=["agent"]))
        yield
        await engine.dispose()

    app = FastAPI(title="Plain complaints", lifespan=lifespan)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.post("/complaints", status_code=status.HTTP_201_CREATED)(create_complaint)
    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
