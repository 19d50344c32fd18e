"""Procedure files: what a right one gives, and where and how a wrong one is told so."""

from datetime import timedelta
from importlib.resources import files

import pytest

from domain.limits.limits import CalendarDays, Elapsed, SameDay, WorkingDays
from domain.procedure.procedure import Category, Dissatisfaction, FormField, Procedure, Recurrence
from domain.titles import Title
from procedures.reader import ProcedureError, ProcedureErrors, read_procedure
from procedures.yaml_entry import MOST_CHARACTERS

SHOP = """\
code: shop
version: "1"
title: {zh: 门店投诉, en: Shop complaints}
source: the shop's own rules
calendar: cn
kinds:
  complaint: {zh: 投诉, en: Complaint}
roles:
  agent: {zh: 客服, en: Agent}
  keeper: {zh: 店长, en: Shopkeeper}
categories:
  goods: {zh: 商品, en: Goods, open: true}
  goods.food: {zh: 食品, en: Food}
severities:
  small:
    title: {zh: 小, en: Small}
    front_line: true
  big:
    title: {zh: 大, en: Big}
    tell: [keeper]
    close_needs: [executed, callback]
steps:
  receive: [agent, integration]
  dispatch: [agent]
  execute: [agent, keeper]
  record-callback: [agent]
  issue-ruling: [keeper]
sees:
  agent: all
  keeper: texts
  integration: none
clocks:
  - name: answer
    title: {zh: 答复, en: Answer}
    starts: [Received]
    stops: [CustomerInformed, Closed]
    limit: 24 h
    source: rule 1
    severities: [big]
    warn_at: 0.5
    tell_at_miss: [keeper]
  - name: forward
    title: {zh: 转交, en: Forward}
    starts: [Received]
    stops: [Dispatched]
    limit: 1 WD
    source: rule 2
rules:
  last_instance: keeper
  informs_by: [sms]
  recurrence: {severity: small, count: 3, months: 2, raise_to: big}
form:
  fields:
    order_no: {zh: 单号, en: Order number, required: true}
records: [投诉单]
"""


def read(text: str) -> Procedure:
    return read_procedure(text, calendars=["cn", "cn-office"])


def mistakes_of(text: str) -> tuple[ProcedureError, ...]:
    with pytest.raises(ProcedureErrors) as told:
        read(text)
    return told.value.mistakes


def changed(old: str, new: str) -> str:
    assert SHOP.count(old) == 1, f"{old!r} must stand in the file once"
    return SHOP.replace(old, new)


def line_of(part: str, text: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_reference_procedure_reads_with_its_numbers_and_its_sentences() -> None:
    procedure = read(files("procedures").joinpath("kf0001.yaml").read_text("utf-8"))
    assert (procedure.code, procedure.version, procedure.calendar) == ("kf0001", "A/1.3", "cn")
    assert {(rule.name, *sorted(rule.severities or ()), str(rule.limit), rule.soft) for rule in procedure.clocks} == {
        ("settle", "minor", "same day", False),
        ("record-out", "general", "1 WD", False),
        ("unit-answers", "1 WD", False),
        ("execute", "2 WD", False),
        ("whole-case", "general", "3 days", True),
        ("whole-case", "major", "severe", "1 WD", False),
        ("capa-report", "5 WD", False),
        ("capa-issue", "same day", False),
        ("hand-over", "1 WD", False),
        ("match-accused", "1 WD", False),
        ("ruling", "1 WD", False),
        ("revision", "1 WD", False),
        ("classify", "same day", False),
        ("send-on", "1 WD", False),
        ("answer-customer", "1 WD", False),
        ("close-out", "general", "15 WD", False),
    }
    assert {rule.limit for rule in procedure.clocks} == {
        SameDay(),
        WorkingDays(1),
        WorkingDays(2),
        WorkingDays(5),
        WorkingDays(15),
        CalendarDays(3),
    }
    assert {rule.name for rule in procedure.clocks if rule.per_unit} == {
        "unit-answers", "execute", "capa-report", "capa-issue"
    }
    # Limits that the source does not give
    ours = {"hand-over", "match-accused", "ruling", "revision", "classify", "send-on", "answer-customer", "close-out"}
    assert all(rule.source.startswith("5.4") or rule.name in ours for rule in procedure.clocks)
    assert {rule.warn_at for rule in procedure.clocks} == {0.8}
    assert procedure.recurrence == Recurrence("general", 5, 1, "severe")
    assert procedure.informs_by == ("sms", "phone")
    assert procedure.severities["major"].tell == ("manager", "general-manager", "board-office")
    assert procedure.knows_category("process.fees")
    assert not procedure.knows_category("process.deposit.cash")


def test_every_field_of_a_file_reaches_the_procedure() -> None:
    procedure = read(SHOP)
    answer, forward = procedure.clocks
    assert procedure.title == Title("门店投诉", "Shop complaints")
    assert procedure.categories["goods.food"] == Category("goods.food", Title("食品", "Food"))
    assert procedure.steps["execute"] == ("agent", "keeper")
    assert procedure.sees == {"agent": "all", "keeper": "texts", "integration": "none"}
    assert (answer.starts, answer.stops) == (frozenset({"Received"}), frozenset({"CustomerInformed", "Closed"}))
    assert (answer.limit, answer.warn_at, answer.severities) == (Elapsed(timedelta(hours=24)), 0.5, frozenset({"big"}))
    assert (answer.tell_at_miss, answer.source) == (("keeper",), "rule 1")
    assert (forward.warn_at, forward.severities, forward.soft, forward.per_unit) == (0.8, None, False, False)
    assert procedure.form == (FormField("order_no", Title("单号", "Order number"), required=True),)
    assert (procedure.last_instance, procedure.informs_by, procedure.records) == ("keeper", ("sms",), ("投诉单",))


def test_what_a_file_says_of_deciders_apologies_and_boxes_reaches_the_procedure() -> None:
    text = changed("en: Food}", "en: Food, decided_by: [keeper], decided: [close], justified_needs: [executed]}")
    text = text.replace("required: true", "filled_from: complainant-name, searchable: true")
    text = text.replace("rules:\n", "rules:\n  apology_when_at_fault: true\n")
    procedure = read(text.replace("steps:\n", "steps:\n  record-apology: [agent]\n"))
    assert procedure.deciders_of("goods.food") == ("keeper",)
    assert procedure.deciders_of("goods") == ()
    assert procedure.deciders_of_step("close", "goods.food") == ("keeper",)
    assert procedure.deciders_of_step("settle", "goods.food") == ()
    assert procedure.justified_needs_of("goods.food") == ("executed",)
    assert procedure.apology_when_at_fault
    assert [(asked.filled_from, asked.searchable) for asked in procedure.form] == [("complainant-name", True)]


def test_what_a_file_says_of_explanations_words_and_those_who_decide_reaches_the_procedure() -> None:
    rules = """\
rules:
  word_before_extension: true
  evidence_examined_by: [keeper]
  dissatisfaction: {count: 1, tell: [keeper], decides: [agent], decided: [settle], verdict: true}
  disagreement: {count: 3, tell: [keeper]}
"""
    text = changed(
        "    tell: [keeper]\n    close_needs: [executed,", "    explain_first: true\n    close_needs: [executed,"
    )
    procedure = read(text.replace("rules:\n", rules))
    assert procedure.severities["big"].explain_first
    assert (procedure.word_before_extension, procedure.evidence_examined_by) == (True, ("keeper",))
    assert procedure.dissatisfaction == Dissatisfaction(1, ("keeper",), ("agent",), decided=("settle",), verdict=True)
    assert procedure.disagreement == Dissatisfaction(3, ("keeper",))


def test_what_a_file_leaves_out_has_the_defaults_of_the_procedure() -> None:
    bare = read(SHOP[: SHOP.index("rules:")].replace("  issue-ruling: [keeper]\n", ""))
    assert bare.dispute_rounds == Procedure.dispute_rounds
    assert bare.reopens == {"closed", "rejected", "withdrawn"}
    assert (bare.anonymous_allowed, bare.settle_unclassified, bare.form_is_open) == (True, True, False)
    assert (bare.units, bare.form, bare.records, bare.recurrence) == ({}, (), (), None)


def test_a_version_that_yaml_takes_for_a_number_stays_the_text_it_was_written_as() -> None:
    assert read(changed('version: "1"', "version: 1.10")).version == "1.10"


def test_a_title_that_yaml_takes_for_a_truth_value_stays_a_text() -> None:
    assert read(changed("en: Food", "en: No")).categories["goods.food"].title.en == "No"


# Old text, new text, field, the part of the new file on whose line the mistake stands, and what the sentence says.
WRONG = {
    "an unknown field": ("calendar: cn", "calender: cn", "calender", "calender", "Did you mean calendar?"),
    "a field twice": ("calendar: cn", "calendar: cn\ncode: other", "code", "code: other", "a second time"),
    "a missing field": ("source: the shop's own rules\n", "", "source", "code: shop", "missing"),
    "a code with capitals": ("code: shop", "code: Shop", "code", "code: Shop", "small letters"),
    "a version too long": ('version: "1"', f"version: {'1' * 33}", "version", "version", "at most 32 characters"),
    "a version with a line break": ('version: "1"', 'version: "1\\n2"', "version", "version", "one line"),
    "an empty text": ("source: the shop's own rules", "source:", "source", "source", "Write a text"),
    "a NUL in a text": ("zh: 食品", 'zh: "食\\0品"', "categories.goods.food.zh", "goods.food", "control characters"),
    "an unknown calendar": ("calendar: cn", "calendar: cn-offce", "calendar", "cn-offce", "Did you mean cn-office?"),
    "a title without its English": (", en: Goods", "", "categories.goods.en", "goods:", "missing"),
    "a title with a bare comma": ("en: Food", "en: Food, fresh", "categories.goods.food.fresh", "fresh", "in quotes"),
    "a kind with spaces": ("  complaint:", "  a complaint:", "kinds.a complaint", "a complaint", "small letters"),
    "somebody told of what all may see": ("en: Complaint}", "en: Complaint, tell: [keeper]}", "kinds.complaint.tell",
                                          "tell: [keeper]}", "write confidential_to too"),
    "somebody told who may not see it": (
        "en: Complaint}", "en: Complaint, confidential_to: [keeper], tell: [quality]}", "kinds.complaint.tell[0]",
        "[quality]", "no role of confidential_to",
    ),
    "an announcement to nobody": ("[sms]", "[sms]\n  announced_to: [boss]", "rules.announced_to[0]", "boss", "no role"),
    "a list for fields": ("  complaint: {zh: 投诉, en: Complaint}", "  [complaint]", "kinds", "[comp", "fields"),
    "no kinds at all": ("  complaint: {zh: 投诉, en: Complaint}", "  {}", "kinds", "  {}", "at least one"),
    "a category without its parent": ("  goods.food:", "  good.food:", "categories.good.food", "good.f", "mean goods?"),
    "a category with an empty part": ("  goods.food:", "  goods..food:", "categories.goods..food", "goods..", "dots"),
    "a word for a truth value": ("open: true", "open: yes", "categories.goods.open", "open: yes", "true or false"),
    "a severity that tells nobody": ("tell: [keeper]", "tell: [boss]", "severities.big.tell[0]", "boss", "no role"),
    "an unknown need": ("[executed, ", "[exeuted, ", "severities.big.close_needs[0]", "exeuted", "mean executed?"),
    "a need without its step": ("  record-callback: [agent]\n", "", "severities.big.close_needs", "[exec", "record-"),
    "an unknown step": ("  dispatch:", "  dispach:", "steps.dispach", "dispach", "Did you mean dispatch?"),
    "an unknown role": ("dispatch: [agent]", "dispatch: [agnet]", "steps.dispatch[0]", "agnet", "mean agent?"),
    "a step that nobody may take": ("dispatch: [agent]", "dispatch: []", "steps.dispatch", "dispatch: []", "one role"),
    "a step of the administrator's": ("dispatch: [agent]", "dispatch: [agent, admin]", "steps.dispatch", "admin]",
                                      "takes no step"),
    "a role twice": ("dispatch: [agent]", "dispatch: [agent, agent]", "steps.dispatch[1]", "[agent, a", "already"),
    "a step as a single word": ("dispatch: [agent]", "dispatch: agent", "steps.dispatch", "dispatch: agent", "list"),
    "nobody who receives": ("  receive: [agent, integration]\n", "", "steps.receive", "  dispatch", "missing"),
    "a step for a role that sees nothing": ("  keeper: texts\n", "", "steps.execute", "execute: [", "The role keeper"),
    "an unknown role that sees": ("  keeper: texts", "  keeper: texts\n  boss: all", "sees.boss", "boss", "no role"),
    "an unknown sight": ("keeper: texts", "keeper: text", "sees.keeper", "keeper: text", "Did you mean texts?"),
    "an unknown moment that starts": ("starts: [Received]\n    stops: [D", "starts: [Recieved]\n    stops: [D",
                                      "clocks[1].starts[0]", "Recieved", "Did you mean Received?"),
    "a moment that never stops": ("[Dispatched]", "[Dispatch]", "clocks[1].stops[0]", "[Dispatch]", "mean Dispatched?"),
    "a clock that nothing stops": ("[Dispatched]", "[]", "clocks[1].stops", "stops: []", "at least one moment"),
    "a limit that is none": ("1 WD", "1 wd", "clocks[1].limit", "1 wd", "'3 days' or 'same day'"),
    "a limit of nothing": ("24 h", "0 h", "clocks[0].limit", "0 h", "from 1 to 9999"),
    "a clock of no severity": ("severities: [big]", "severities: [bug]", "clocks[0].severities[0]", "bug", "big?"),
    "a clock twice": ("name: forward", "name: answer", "clocks[1]", "name: answer\n    title: {zh: 转", "of big"),
    "a clock without its sentence": ("    source: rule 2\n", "", "clocks[1].source", "name: forward", "missing"),
    "a warning after the end": ("warn_at: 0.5", "warn_at: 1", "clocks[0].warn_at", "warn_at", "between 0 and 1"),
    "a warning at no number": ("warn_at: 0.5", "warn_at: nan", "clocks[0].warn_at", "warn_at", "between 0 and 1"),
    "a soft miss": ("warn_at: 0.5", "soft: true", "clocks[0].tell_at_miss", "tell_at_miss", "never missed"),
    "a warning to nobody": ("at_miss: [keeper]", "at_warning: [boss]", "clocks[0].tell_at_warning[0]", "boss", "role"),
    "an unknown last instance": ("instance: keeper", "instance: king", "rules.last_instance", "king", "no role"),
    "no last instance": ("  last_instance: keeper\n", "", "rules.last_instance", "  informs_by", "when rounds run out"),
    "an unknown means": ("[sms]", "[pigeon]", "rules.informs_by[0]", "pigeon", "no means"),
    "an endless dispute": ("[sms]", "[sms]\n  dispute_rounds: 0", "rules.dispute_rounds", "rounds: 0", "1 to 100"),
    "an explanation of what is settled": ("front_line: true", "front_line: true\n    explain_first: true",
                                          "severities.small.explain_first", "explain_first", "never passed on"),
    "a decision by nobody": ("[sms]", "[sms]\n  dissatisfaction: {count: 1, tell: [keeper], decides: [keeper]}",
                             "rules.dissatisfaction.decides[0]", "dissatisf", "role that may dispatch"),
    "evidence for nobody": ("[sms]", "[sms]\n  evidence_examined_by: [boss]", "rules.evidence_examined_by[0]", "boss",
                            "no role"),
    "a reopening of the open": ("[sms]", "[sms]\n  reopens: [received]", "rules.reopens[0]", "reopens", "no ended"),
    "a rise to nothing": ("raise_to: big", "raise_to: huge", "rules.recurrence.raise_to", "huge", "no severity"),
    "a rise to the same": ("raise_to: big", "raise_to: small", "rules.recurrence.raise_to", "raise_to", "another"),
    "a recurrence of a single one": ("count: 3", "count: 1", "rules.recurrence.count", "count: 1", "from 2 to 1000"),
    "a question with a hyphen": ("order_no:", "order-no:", "form.fields.order-no", "order-no", "underscores"),
    "an unknown kind": ("required: true", "kind: nubmer", "form.fields.order_no.kind", "nubmer", "mean number?"),
    "a category that nobody decides": ("en: Food}", "en: Food, decided_by: [boss]}",
                                       "categories.goods.food.decided_by[0]", "goods.food", "no role"),
    "steps that nobody decides": ("en: Food}", "en: Food, decided: [close]}", "categories.goods.food.decided",
                                  "goods.food", "decided_by"),
    "a decision of no step": ("en: Food}", "en: Food, decided_by: [keeper], decided: [clsoe]}",
                              "categories.goods.food.decided[0]", "goods.food", "mean close?"),
    "a dissatisfaction that nobody decides": (
        "[sms]", "[sms]\n  dissatisfaction: {count: 1, tell: [keeper], decided: [settle]}",
        "rules.dissatisfaction.decided", "dissatisf", "decides"),
    "a box filled from nowhere": ("required: true", "filled_from: complainant-nose", "form.fields.order_no.filled_from",
                                  "nose", "Did you mean complainant-name?"),
    "an apology that nobody records": ("[sms]", "[sms]\n  apology_when_at_fault: true", "rules.apology_when_at_fault",
                                       "apology", "which nobody may take"),
    "a record twice": ("[投诉单]", "[投诉单, 投诉单]", "records[1]", "records", "already"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_told_line_field_and_what_is_allowed(what: str) -> None:
    old, new, field, where, sentence = WRONG[what]
    text = changed(old, new)
    [mistake] = [found for found in mistakes_of(text) if found.field == field]
    assert mistake.line == line_of(where, text)
    assert sentence in mistake.in_words("en")
    assert str(mistake).startswith(f"line {mistake.line}, {field}: ")


# A misspelt name is missed under its right one too, and two steps are taken by a role that sees nothing.
SEVERAL = {
    "an unknown field": {"calender", "calendar"},
    "a step for a role that sees nothing": {"steps.execute", "steps.issue-ruling"},
}


@pytest.mark.parametrize("what", WRONG)
def test_one_mistake_drags_no_others_after_it(what: str) -> None:
    old, new, field, *_ = WRONG[what]
    assert {mistake.field for mistake in mistakes_of(changed(old, new))} == SEVERAL.get(what, {field})


def test_half_a_character_is_refused_on_its_line() -> None:
    [mistake] = mistakes_of(changed("zh: 食品", 'zh: "\\ud800"'))
    assert mistake.line == line_of("goods.food", SHOP)


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_its_lines() -> None:
    text = SHOP.replace("limit: 1 WD", "limit: soon").replace("code: shop", "code: 店").replace("[sms]", "[fax]")
    mistakes = mistakes_of(text)
    assert [mistake.field for mistake in mistakes] == ["code", "clocks[1].limit", "rules.informs_by[0]"]
    with pytest.raises(ProcedureErrors, match=r"(?s)line 1, code: .*\nline 46, clocks\[1\]\.limit: .*\nline 50, rules"):
        read(text)


def test_an_unreadable_section_is_told_once_and_not_by_everything_that_refers_to_it() -> None:
    text = SHOP.replace(
        "roles:\n  agent: {zh: 客服, en: Agent}\n  keeper: {zh: 店长, en: Shopkeeper}\n", "roles: none\n"
    )
    assert [mistake.field for mistake in mistakes_of(text)] == ["roles"]


def test_after_a_hundred_mistakes_nobody_reads_on() -> None:
    categories = "".join(f"  c{number}: {{zh: 无英文}}\n" for number in range(500))
    assert len(mistakes_of(changed("categories:\n", f"categories:\n{categories}"))) == 100


# What is too large, the field that says so, and how many there may be.
TOO_LARGE = {
    "units": ("steps:\n", "units:\n{}steps:\n", "  u{}: {{zh: 单位, en: Unit}}\n", "units", 2000),
    "categories": ("categories:\n", "categories:\n{}", "  c{}: {{zh: 类, en: Category}}\n", "categories", 2000),
    "kinds": ("kinds:\n", "kinds:\n{}", "  k{}: {{zh: 类, en: Kind}}\n", "kinds", 100),
    "roles": ("roles:\n", "roles:\n{}", "  r{}: {{zh: 角色, en: Role}}\n", "roles", 100),
    "severities": ("severities:\n", "severities:\n{}", "  s{}: {{title: {{zh: 级, en: Grade}}}}\n", "severities", 20),
    "clocks": (
        "clocks:\n", "clocks:\n{}",
        "  - {{name: c{}, title: {{zh: 时, en: C}}, starts: [Received], stops: [Closed], limit: 1 h, source: s}}\n",
        "clocks", 200,
    ),
    "a list": ("tell: [keeper]", "tell: [keeper{}]", ", keeper-{}", "severities.big.tell", 100),
}  # fmt: skip


@pytest.mark.parametrize("what", TOO_LARGE)
def test_a_section_that_holds_too_much_is_refused_before_anything_is_made_of_it(what: str) -> None:
    before, after, entry, field, most = TOO_LARGE[what]
    [mistake] = mistakes_of(changed(before, after.format("".join(entry.format(number) for number in range(3000)))))
    assert (mistake.field, mistake.code, mistake.facts) == (field, "too-many", {"most": most})
    assert mistake.in_words("en") == f"There may be {most} of these at most."
    assert mistake.in_words("zh") == f"此处最多 {most} 项。"


def test_a_city_with_two_thousand_units_and_categories_is_read() -> None:
    units = "".join(f"  u{number}: {{zh: 单位, en: Unit}}\n" for number in range(2000))
    categories = "".join(f"  c{number}: {{zh: 类, en: Category}}\n" for number in range(1998))
    text = changed("steps:\n", f"units:\n{units}steps:\n").replace("categories:\n", f"categories:\n{categories}")
    assert (len(read(text).units), len(read(text).categories)) == (2000, 2000)


def test_of_many_words_that_would_have_been_right_some_are_listed() -> None:
    units = "".join(f"  u{number}: {{zh: 单位, en: Unit}}\n" for number in range(2000))
    text = changed("steps:\n", f"units:\n{units}steps:\n").replace("rules:\n", "rules:\n  routes: {goods: nobody}\n")
    [mistake] = mistakes_of(text)
    assert mistake.field == "rules.routes.goods"
    assert mistake.in_words("en").endswith(", ….")
    assert len(mistake.in_words("en")) < 1000


# Text, the line of the mistake, and what the sentence says.
NO_FILE = {
    "an empty file": ("", 1, "empty"),
    "only comments": ("# nothing\n\n# here\n", 1, "empty"),
    "a list": ("- code: shop\n", 1, "Write fields here"),
    "a word": ("\n\nshop\n", 3, "Write fields here"),
    "an open bracket": ("code: shop\nkinds: [\n", 2, "no YAML"),
    "an open quote": ('code: shop\nsource: "rules\n', 2, "no YAML"),
    "two colons": ("code: shop\nsource: rule: 1\n", 2, "no YAML"),
    "a tab": ("code: shop\nkinds:\n\tcomplaint: x\n", 3, "Indent with spaces, not with tabs."),
    "a NUL": ("code: shop\nversion: \x00\n", 2, "no YAML"),
    "half a character": ("code: shop\nversion: \ud800\n", 2, "no YAML"),
    "two documents": ("code: shop\n---\ncode: shop\n", 2, "no YAML"),
    "an alias": ("code: &name shop\nversion: *name\n", 1, "Write the value out here"),
    "an unknown alias": ("code: shop\nversion: *name\n", 2, "Write the value out here"),
    "a list that contains itself": ("code: shop\nrecords: &all [*all]\n", 2, "Write the value out here"),
    "a bomb of aliases": ("a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(99)), 1, "'a'"),
    "a bomb of brackets": ("code: shop\nrecords: " + "[" * 100_000, 2, "more than 20 deep"),
    "a file without an end": ("# " + "x" * MOST_CHARACTERS, 1, f"longer than {MOST_CHARACTERS} characters"),
}


@pytest.mark.parametrize("what", NO_FILE)
def test_a_text_that_is_no_procedure_file_at_all_is_told_so(what: str) -> None:
    text, line, sentence = NO_FILE[what]
    mistakes = mistakes_of(text)
    assert mistakes[0].line == line
    assert sentence in mistakes[0].in_words("en")


def test_a_python_object_in_a_file_is_never_made() -> None:
    text = changed("source: the shop's own rules", "source: !!python/object/apply:os.getcwd []")
    [mistake] = mistakes_of(text)
    assert (mistake.field, mistake.in_words("en")) == ("source", "Write a text here.")


def test_two_clocks_of_one_name_may_share_it_when_no_severity_has_both() -> None:
    text = changed("name: forward", "name: answer\n    severities: [small]")
    assert [(rule.name, rule.severities) for rule in read(text).clocks] == [
        ("answer", frozenset({"big"})),
        ("answer", frozenset({"small"})),
    ]
