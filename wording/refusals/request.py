"""What a request names that is not there, or cannot be."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "SeveralHaveThatNumber": RefusalWords(
        Title(
            "此编号在原系统中对应多件投诉：{numbers}；请按其中一个编号查询。",
            "In the systems before, several complaints had this number: {numbers}. Ask by one of these.",
        )
    ),
    "NothingToFindBy": RefusalWords(
        Title(
            "请说明按什么查找客户：phone、customer_no、name 或 email，至少一项。",
            "Say by what to find the customer: phone, customer_no, name or email, at least one.",
        )
    ),
    "NoSuchCustomer": RefusalWords(
        Title(
            "没有这位客户，或其投诉均不在您可见之列。",
            "There is no such customer, or none of whose complaints you may see.",
        )
    ),
    "UnknownProcedure": RefusalWords(
        Title("没有这个投诉处理流程。", "There is no such procedure."),
        {
            "known": Title("可用的流程：{known}。", "There are {known}."),
        },
    ),
    "UnknownNeed": RefusalWords(
        Title("这一要求不能放行。", "This is nothing that may be overridden."),
        {
            "known": Title("可以放行：{known:requirements}。", "What may be is {known:requirements}."),
        },
    ),
    "NeedMustBeNamed": RefusalWords(
        Title("有多项要求可以放行；请写明是哪一项。", "More than one thing may be overridden; name which."),
        {
            "known": Title("可以放行：{known:requirements}。", "They are {known:requirements}."),
        },
    ),
    "NeedOrStep": RefusalWords(
        Title(
            "放行一项要求写 need，紧急代办一个步骤写 step 及其内容 body；两者只写其一。",
            "Name the need that is set aside, or the step that is taken in an emergency with its body; not both.",
        )
    ),
    "UnknownStep": RefusalWords(
        Title("没有这个步骤。", "There is no such step."),
        {
            "near": Title("是否指：{near}？", "Did you mean {near}?"),
        },
    ),
    "UnknownCalendar": RefusalWords(
        Title("没有这个日历。", "There is no such calendar."),
        {
            "known": Title("现有日历：{known}。", "There is {known}."),
        },
    ),
    "UnknownKind": RefusalWords(
        Title("本流程不受理此类事项。", "This procedure does not take this kind of matter."),
        {
            "known": Title("可受理的事项类别：{known}。", "It takes {known}."),
        },
    ),
    "SeverityMissing": RefusalWords(
        Title(
            "请注明严重程度，本流程按严重程度处理投诉。",
            "Say how grave the complaint is; this procedure handles it by its severity.",
        ),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "CategoryMissing": RefusalWords(
        Title("请注明投诉内容分类。", "Say what the complaint is about."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "UnknownSeverity": RefusalWords(
        Title("本流程没有这个严重程度。", "This procedure does not know this severity."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "UnknownCategory": RefusalWords(
        Title("本流程没有这个投诉内容分类。", "This procedure does not know this category."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "IssuePointMissing": RefusalWords(
        Title(
            "请注明问题点，此类投诉按问题点统计重复次数。",
            "Say which single thing went wrong: complaints of this severity are counted by their issue point.",
        ),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "UnknownIssuePoint": RefusalWords(
        Title("本流程没有这个问题点。", "This procedure does not know this issue point."),
        {
            "near": Title("您是否想写 {near}？", "Did you mean {near}?"),
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "NotAnIssuePointCode": RefusalWords(
        Title(
            "流程未列出的问题点须用代码填写：小写字母、数字、连字符、下划线和点，最多 64 个字符。",
            "An issue point that the procedure does not list is written as a code: lower-case letters, digits, hyphens, "
            "underscores and dots, 64 at most.",
        ),
        {
            "near": Title("您是否想写 {near}？", "Did you mean {near}?"),
        },
    ),
    "UnknownUnit": RefusalWords(
        Title(
            "没有这个单位：流程中没有列出，也没有建立；请先在 POST /v1/units 建立，或改正写法。",
            "There is no such unit: no procedure names it, and nobody made it. Make it at POST /v1/units, or mend the "
            "spelling.",
        ),
        {
            "near": Title("您是否想写 {near}？", "Did you mean {near}?"),
        },
    ),
    "NotAmongTheAccused": RefusalWords(
        Title(
            "被投诉人中没有这个称呼；请按登记时的写法填写。",
            "Nobody was named as accused so; give it as it was named.",
        )
    ),
    "UnknownPerson": RefusalWords(
        Title(
            "没有这个人：既不是标识或工号，也不是在岗人员的姓名。",
            "There is no such person: it is nobody's id or staff number, nor the name of anybody who is there.",
        ),
        {
            "near": Title("是否指：{near}。", "Did you mean {near}?"),
        },
    ),
    "SeveralOfThisName": RefusalWords(
        Title("叫这个名字的不止一人；请写标识或工号。", "Several people are called so; give an id or a staff number."),
        {
            "near": Title("他们是：{near}。", "They are {near}."),
        },
    ),
    "PersonHasLeft": RefusalWords(
        Title(
            "此人不在岗；请另指一人。",
            "This person is not there any more, or not yet; name somebody else.",
        )
    ),
    "RoleCannotTakeIt": RefusalWords(
        Title(
            "此人的角色在本流程中不能承担此事，系统账号也不能；请另指一人。",
            "None of this person's roles may take this on here, nor may a machine; name somebody else.",
        ),
        {
            "roles": Title("可以的角色：{roles:roles}。", "The roles that may are {roles:roles}."),
        },
    ),
    "NotInTheirReach": RefusalWords(
        Title(
            "此人看不到这份投诉：没有派给其单位，或事项保密；请另指一人。",
            "This person does not see the complaint: it was not sent to their unit, or is confidential. "
            "Name somebody else.",
        )
    ),
    "UnknownRole": RefusalWords(
        Title("本流程没有这个角色。", "This procedure does not know this role."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "UnknownClock": RefusalWords(
        Title("本流程没有这个时限。", "This procedure has no such clock."),
        {
            "known": Title("本流程的时限：{known}。", "It has {known}."),
        },
    ),
    "LinkedToItself": RefusalWords(
        Title("这就是本投诉；请写另一件投诉。", "This is the complaint itself; name another one.")
    ),
    "InvestigatorIsAccused": RefusalWords(
        Title("此人是被投诉人，不能参与调查。", "This person is named in the complaint and cannot look into it.")
    ),
    "NotLinked": RefusalWords(
        Title(
            "本投诉没有关联该投诉，无可解除。",
            "This complaint is not linked to that one; there is nothing to take back.",
        )
    ),
    "NotTheirHead": RefusalWords(
        Title(
            "部门负责人只能代表本部门批准。",
            "A head approves for their own department; that one's head has to approve for it.",
        )
    ),
    "LeaderApologisesToo": RefusalWords(
        Title(
            "道歉由当事人和领导两个人作出：leader 不能同时写在 by 中。",
            "The person at fault and their leader apologise, which is two people: name the leader in leader only.",
        )
    ),
    "ContradictoryCallback": RefusalWords(
        Title(
            "回访记录自相矛盾：未联系上的客户没有作过评价；满意的评分为 3 至 5 分，不满意的为 1 至 3 分。",
            "This callback contradicts itself: a customer who was not reached has judged nothing, one who is satisfied "
            "gives 3 to 5 points, and one who is not 1 to 3.",
        )
    ),
    "UnknownComplaint": RefusalWords(Title("没有这件投诉。", "There is no such complaint.")),
    "FactNotInForm": RefusalWords(
        Title("本流程的投诉单没有这一栏。", "The form of this procedure has no such field."),
        {
            "known": Title("投诉单的栏目：{known}。", "It asks for {known}."),
        },
    ),
    "FactOfWrongKind": RefusalWords(
        Title(
            "本流程的投诉单此栏须填写另一种内容。", "The form of this procedure asks for another kind of answer here."
        ),
        {
            "kind": Title("应填写{kind:answers}。", "It must be a {kind:answers}."),
        },
    ),
    "FactMissing": RefusalWords(
        Title("本流程的投诉单此栏必须填写。", "The form of this procedure needs an answer here.")
    ),
    "AbsurdTime": RefusalWords(
        Title("该时间不合理。", "This time cannot be right."),
        {
            "without_offset": Title("请注明与协调世界时的时差。", "Give it with its offset from UTC."),
            "before_incident": Title(
                "它在将来，或早于事件开始的时间。", "It lies in the future, or before the incident began."
            ),
            "over_a_year_back": Title("它在将来，或早于一年以前。", "It lies in the future, or more than a year back."),
            "years_back": Title(
                "它在将来，或早于 {years_back} 年以前；本流程不受理更早的。",
                "It lies in the future, or more than {years_back} years back, which this procedure does not take.",
            ),
            "not_within_five_years": Title(
                "它早于昨天，或晚于五年以后。", "It lies before yesterday, or more than five years ahead."
            ),
            "interval_over_a_year_back": Title(
                "该时段在将来，或早于一年以前。", "The interval lies in the future, or more than a year back."
            ),
        },
    ),
    "AnonymousNotAllowed": RefusalWords(
        Title("本流程不受理匿名投诉。", "This procedure does not take anonymous complaints.")
    ),
    "AnonymousWithData": RefusalWords(
        Title("匿名投诉人不填写姓名、电话和地址。", "An anonymous complainant gives no name, number or address.")
    ),
    "GivenAndRemoved": RefusalWords(
        Title("同一项不能既更正又删除。", "It is given and to be removed at once; say which of the two.")
    ),
    "NotAPhoneNumber": RefusalWords(
        Title(
            "这不是有效的电话号码。",
            "This is not a valid telephone number.",
        ),
        {
            "no_digits": Title("其中没有数字。", "There are no digits in it."),
            "letters": Title(
                "其中有字母或其他符号；分机请写作“转8001”。",
                "It holds letters or other signs; write an extension as 'ext. 8001'.",
            ),
            "several": Title("此处只填一个号码，至多带一个分机。", "Give one number here, with one extension at most."),
            "area_code_missing": Title(
                "固定电话须带区号，如 010-88886666。", "A landline needs its area code, as in 010-88886666."
            ),
            "mobile_digits": Title("手机号码为 11 位数字。", "A mobile number has 11 digits."),
            "too_short": Title("号码位数不足。", "Digits are missing."),
            "too_long": Title("号码位数过多。", "It has too many digits."),
            "unknown_country": Title(
                "没有这个国家代码；外国号码写作 +44 20 7946 0958。",
                "There is no such country code; write a number abroad as +44 20 7946 0958.",
            ),
            "not_assigned": Title(
                "该国家或地区没有这样的号码；外国号码请连同国家代码填写，如 +44 20 7946 0958。",
                "Its country has no such number; give one from abroad with its country code, as in +44 20 7946 0958.",
            ),
            "extension_missing": Title("缺分机号，如“转8001”。", "The extension is missing, as in 'ext. 8001'."),
        },
    ),
    "NotAnEmail": RefusalWords(
        Title(
            "这不是有效的电子邮箱；请填写一个地址，如 zhang@example.cn。",
            "This is not a valid e-mail address; give one address, as in zhang@example.cn.",
        )
    ),
    "UnknownEvidence": RefusalWords(
        Title("本流程没有这种证据。", "This procedure does not know this piece of evidence."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "UnknownRemedy": RefusalWords(
        Title("本流程没有这种解决方式。", "This procedure does not know this kind of solution."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "UnknownGrade": RefusalWords(
        Title("本流程没有这个责任差错等级。", "This procedure does not grade faults so."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "NobodyNoticed": RefusalWords(Title("责任通报须写明被通报的单位或人员。", "A notice names a unit or people.")),
    "CheckNeedsResult": RefusalWords(
        Title(
            "此处无法向客户系统查询该投诉人：请注明是否相符以及核对情况。",
            "The customer system cannot be asked about this person from here: say whether it agrees, and what you found.",
        )
    ),
    "UnknownIndicator": RefusalWords(
        Title(
            "没有这个指标；请写明不纳入考核的指标，不写则全部不纳入。",
            "There is no such indicator; name those that this exclusion is about, or none for all of them.",
        ),
        {
            "known": Title("可选：{known:indicators}。", "They are {known:indicators}."),
        },
    ),
    "NoSuchPeriod": RefusalWords(
        Title(
            "这不是周期：日写作 2026-03-02，周写作 2026-W10，月写作 2026-03。",
            "This is no period: write a day as 2026-03-02, a week as 2026-W10 and a month as 2026-03.",
        )
    ),
}
