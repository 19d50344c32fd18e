"""Who may call: people, their keys, what these are narrowed to, and units."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

NEAR: Final = Title("您是否想写 {near}？", "Did you mean {near}?")

WORDS: Final[Mapping[str, RefusalWords]] = {
    "KeptTooShort": RefusalWords(
        Title(
            "访问记录至少保存 {days} 天（《网络安全法》第二十一条）。",
            "The access log is kept for {days} days at least (China's Cybersecurity Law, article 21).",
        )
    ),
    "NotAuthenticated": RefusalWords(
        Title(
            "请以 'Authorization: Bearer <key>' 附上有效的密钥；密钥由管理员在 POST /v1/keys 新建。",
            "Send a valid key as 'Authorization: Bearer <key>'; an administrator creates keys at POST /v1/keys.",
        )
    ),
    "ActingForNeeded": RefusalWords(
        Title(
            "Redress-Acting-For 只用于系统的密钥，且该密钥须有 act-for 权限范围。",
            "Redress-Acting-For is for keys of systems that have the scope act-for.",
        )
    ),
    "NobodyToActFor": RefusalWords(
        Title(
            "不能代为办理：没有此人，或此人不在岗，或此人只有管理员角色。",
            "Nobody can be acted for under this id: there is no such person, they are not there, or they only administer.",
        )
    ),
    "TokenRefused": RefusalWords(
        Title("此令牌无效。", "This token is not taken."),
        {
            "malformed": Title("它不是 JWT，或者过长。", "It is no JWT, or too long."),
            "algorithm": Title(
                "签名算法须为 RS256、PS256、ES256 或 EdDSA（Ed25519）。",
                "It has to be signed with RS256, PS256, ES256 or EdDSA (Ed25519).",
            ),
            "unknown_key": Title("签发者没有它所说的密钥。", "Its issuer has no key such as it names."),
            "signature": Title("签名不符。", "Its signature does not fit."),
            "issuer": Title("它由另一签发者签发。", "Another issuer made it."),
            "audience": Title("它不是发给本服务的（aud）。", "It is for somebody else (aud)."),
            "no_expiry": Title("它没有写明有效期（exp）。", "It does not say when it expires (exp)."),
            "expired": Title("它已过期；请重新登录。", "It has expired; sign in anew."),
            "not_yet": Title("它尚未生效：请核对双方的时钟。", "It is not good yet: compare the clocks of both sides."),
        },
    ),
    "TokenGivesNobody": RefusalWords(
        Title(
            "令牌有效，但按本部署的规则无法确定持有人的身份或角色。",
            "The token is good, but by this deployment's rules it makes nobody of its bearer.",
        ),
        {
            "no_id": Title("其中没有作为标识的声明。", "It has no claim that gives the id."),
            "no_role": Title("其中的值都不对应任何角色。", "None of its values stands for a role."),
            "unknown": Title("没有此人：请由管理员新建。", "There is no such person: an administrator adds them."),
            "invalid": Title(
                "其中的标识、姓名、角色或单位不合规则，例如角色为 unit 而没有单位。",
                "Its id, name, roles or unit are not such as people have, for example the role unit without a unit.",
            ),
        },
    ),
    "IssuerAway": RefusalWords(
        Title(
            "暂时无法从签发者取得密钥，因此无法核对令牌；请稍后重试。",
            "The issuer's keys cannot be fetched at the moment, so no token can be checked; try again shortly.",
        )
    ),
    "KeyHasExpired": RefusalWords(
        Title(
            "此密钥已于 {expired_at} 到期；请向管理员索取新的密钥。",
            "This key has expired at {expired_at}; ask an administrator for a new one.",
        )
    ),
    "PersonNotActive": RefusalWords(
        Title(
            "密钥有效，但其持有人尚未到岗或已经离岗；请由管理员在 PATCH /v1/people/{{id}} 调整 active_from、active_to。",
            "The key is right, but its person has not begun yet or has left; an administrator sets active_from and "
            "active_to at PATCH /v1/people/{{id}}.",
        )
    ),
    "RoleNeeded": RefusalWords(
        Title("需要以下角色之一：{roles:roles}。", "This needs one of the roles {roles:roles}.")
    ),
    "ScopeNeeded": RefusalWords(
        Title(
            "此密钥的使用范围不含 {scope}；持有人的其他密钥或新的密钥可以有。",
            "This key is narrowed to scopes without {scope}; another key of the same person may have it.",
        )
    ),
    "ScopesOfCallerExceeded": RefusalWords(
        Title(
            "受限的密钥不能建立权限更大的密钥：只能给出自身范围以内的 scopes：{scopes}。",
            "A narrowed key makes no key that may do more: give scopes within its own, {scopes}.",
        )
    ),
    "UnknownScope": RefusalWords(
        Title("没有这个使用范围。", "There is no such scope."),
        {"near": NEAR, "known": Title("可选：{known}。", "There are {known}.")},
    ),
    "NoSuchKey": RefusalWords(Title("没有此标识的有效密钥。", "There is no active key with this id.")),
    "KeyExists": RefusalWords(
        Title(
            "此人员已有密钥，也可能已吊销；同一标识不会再次发放。再给同一人一个密钥：POST /v1/people/{{id}}/keys。",
            "There is a key for this actor already, perhaps a revoked one; an id is never given out twice. Another key "
            "for the same person: POST /v1/people/{{id}}/keys.",
        )
    ),
    "KeyHasEnded": RefusalWords(
        Title(
            "已到期或已吊销的密钥不能轮换；请在 POST /v1/people/{{id}}/keys 新建。",
            "A key that has expired or was revoked is not rotated; make a new one at POST /v1/people/{{id}}/keys.",
        )
    ),
    "ExpiresInThePast": RefusalWords(
        Title("到期时间须晚于现在。", "A key expires later than now; to end one, revoke it.")
    ),
    "NoSuchPerson": RefusalWords(Title("没有此标识的人员。", "There is nobody with this id."), {"near": NEAR}),
    "PersonExists": RefusalWords(
        Title(
            "已有此标识的人员，也可能已经离岗；同一标识不会再次发放。",
            "There is somebody with this id already, who may have left; an id is never given out twice.",
        )
    ),
    "HasLeft": RefusalWords(
        Title(
            "此人员已于 {active_to} 离岗；如已返岗，请先在 PATCH /v1/people/{{id}} 更改 active_to。",
            "This person has left at {active_to}; if they are back, change active_to at PATCH /v1/people/{{id}} first.",
        )
    ),
    "LastAdministrator": RefusalWords(
        Title(
            "这是仅剩的管理员密钥；请先另设一名管理员。",
            "This is the only administrator key left; make somebody else an administrator first.",
        )
    ),
    "ReservedId": RefusalWords(
        Title(
            "这个词指的是系统本身或不特定的人，不能作为人员或单位的标识。",
            "This word means the system itself or nobody in particular: give a person or unit an id of their own.",
        )
    ),
    "LookalikeId": RefusalWords(
        Title(
            "标识中的字母和数字不能混用不同的字母表：外形相近的字符会使人认错。",
            "Write the letters and digits of an id in one alphabet: lookalikes of another would be taken for them.",
        )
    ),
    "RoleMisspelt": RefusalWords(
        Title(
            "没有这个角色：角色由产品或已发布的流程规定；流程尚未发布的，请先发布。",
            "There is no such role: the product or a published procedure names them. If it belongs to a procedure still "
            "to come, publish that first.",
        ),
        {
            "near": NEAR,
            "known": Title("可用的角色：{known:roles}。", "There are {known:roles}."),
        },
    ),
    "UnitMissing": RefusalWords(
        Title(
            "单位人员只能查看和办理派给本单位的投诉：请写明单位。",
            "A member of a unit sees and does only what was sent to it: name the unit.",
        )
    ),
    "OfMachines": RefusalWords(
        Title(
            "integration 和 partner 是系统的角色；此处须是人员。",
            "Integration and partner are roles of machines; this has to be a person.",
        )
    ),
    "OfPeople": RefusalWords(
        Title(
            "系统（kind: machine）只能有 integration 和 partner 角色。",
            "A machine has the roles integration and partner alone.",
        )
    ),
    "EndsBeforeItBegins": RefusalWords(
        Title("离岗时间须晚于到岗时间。", "Somebody leaves after they have begun: active_to lies after active_from.")
    ),
    "OutOfReach": RefusalWords(
        Title("时间过早或过晚，请核对年份。", "This lies too far back or ahead; check the year.")
    ),
    "NothingDated": RefusalWords(
        Title(
            "from 说明角色和单位自何时起变更；请同时写明 roles 或 unit。",
            "`from` says from when roles and unit are otherwise; give roles or unit with it.",
        )
    ),
    "NotNull": RefusalWords(Title("此项可以不写，但不能为 null。", "This can be left out, but not be null.")),
    "NoSuchUnit": RefusalWords(
        Title(
            "没有这个单位；新的单位在 POST /v1/units 建立。", "There is no such unit; POST /v1/units makes a new one."
        ),
        {"near": NEAR},
    ),
    "UnitExists": RefusalWords(
        Title(
            "此单位已经建立；请在 PATCH /v1/units/{{code}} 更改。",
            "This unit was made already; change it at PATCH /v1/units/{{code}}.",
        )
    ),
    "UnitBelowItself": RefusalWords(
        Title("上级单位不能是该单位自身或其下级。", "The unit above cannot be the unit itself or one below it.")
    ),
}
