"""One acceptable body for every step that a key may take, with free texts of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

NOBODYS: Final = "00000000-0000-4000-8000-000000000000"


def bodies(text: str = "…") -> dict[str, dict[str, Any]]:
    """Step -> body; every free text in it is `text`. They are well-formed, and allowed where the state allows them."""
    next_month = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    return {
        "classify": {"severity": "general", "category": "process.deposit", "issue_point": "fee-unclear"},
        "reject": {"reason": text},
        "settle": {"explanation": text, "accepted": False},
        "draft-opinion": {"text": text},
        "dispatch": {"units": ["settlement"], "note": text},
        "accept": {},
        "return": {"ground": text, "legal_basis": text},
        "redirect": {"from": "settlement", "to": "trading", "reason": text},
        "recall": {"unit": "settlement", "reason": text},
        "add-unit": {"unit": "finance", "role": "support", "note": text},
        "confirm-opinion": {},
        "dispute-opinion": {"reason": text, "proposal": text},
        "issue-ruling": {"outcome": "upheld", "text": text, "liability": [{"unit": "settlement", "percent": 100}]},
        "revise-opinion": {"text": text},
        "report-progress": {"text": text},
        "report-interim-measure": {"text": text},
        "extend": {"clock": "execute", "until": "2026-03-06T18:00:00+08:00", "reason": text},
        "hold-meeting": {"attendees": [text], "decisions": text},
        "send-investigators": {"people": [text], "place": text},
        "agree-solution": {"text": text, "agreed": True},
        "approve": {"subject": text, "form": "oral", "by": "sun-wei"},
        "execute": {"measure": text},
        "inform-customer": {"means": "sms", "text": text},
        "request-capa": {"unit": "settlement", "reason": text},
        "submit-capa": {
            "cause": text, "corrective": text, "preventive": text, "responsible": text, "complete_by": next_month,
        },
        "issue-capa": {},
        "confirm-effect": {"effective": True, "findings": text},
        "record-callback": {"reached": True, "satisfied": True, "score": 5, "means": "phone", "remarks": text},
        "close": {"outcome": text, "justified": True, "summary": text},
        "reopen": {"reason": text},
        "withdraw": {"reason": text},
        "escalate": {"to_role": "manager", "reason": text},
        "remind": {"text": text},
        "supervise": {"card": "yellow", "text": text},
        "assign": {"to": "li-min"},
        "hand-over": {"to": "agent-7", "note": text},
        "accept-hand-over": {},
        "pause": {"reason": text, "until": "2026-03-04T18:00:00+08:00"},
        "resume": {"reason": text},
        "check-customer": {"matches": True, "findings": text},
        "complete-form": {"facts": {"order_no": text}},
        "verify-charge": {"charged": "50.00", "due": "30.00", "wrong": True, "findings": text, "item": text},
        "propose-compensation": {"basis": text, "method": "credit", "amount": "40.00", "why_not_credit": text},
        "approve-compensation": {"amount": "40.00", "remarks": text},
        "pay-compensation": {"reference": text},
        "grade-fault": {"agent": "somebody-else", "grade": 1, "findings": text},
        "record-apology": {"by": ["somebody-else"], "leader": "zhao-jing", "means": "phone", "text": text},
        "issue-notice": {"text": text, "penalty": text, "unit": "settlement"},
        "retract-miss": {"clock": "record-out", "reason": text},
        "exclude-from-scoring": {"reason": text, "evidence": text},
        "include-in-scoring": {"reason": text},
        "name-accused": {"people": ["somebody-else"]},
        "correct-complainant": {"name": "张三丰", "reason": text},
        "correct-subject": {"subject": text, "reason": text},
        "match-accused": {"accused": "somebody-else", "person": "nobody", "reason": text},
        "attach": {"name": text, "kind": "recording", "reference": f"https://a.example/{text.replace(' ', '%20')}"},
        "add-note": {"text": text},
        "link": {"complaints": [NOBODYS]},
        "unlink": {"complaints": [NOBODYS], "reason": text},
    }  # fmt: skip
