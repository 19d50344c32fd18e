"""What `--help` says of each command and each of its parameters, and how it is called.

By the words that are typed: `keys create`. A parameter has its words for all commands, or for one (`serve host`).
"""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title

COMMANDS: Final[Mapping[str, Title]] = {
    "": Title(
        "Redress 把一件投诉从第一通电话办到结案回访，并能证明发生过什么。除 serve、migrate 和 restore 外，所有命令只用已有的部署，不会新建数据库。",
        "Redress takes a complaint from the first call to the closing callback, and can prove what happened. All commands "
        "but serve, migrate and restore use a deployment that is there, and never make one.",
    ),
    "serve": Title(
        "启动服务；没有 REDRESS_DATABASE_URL 时使用自带的 PostgreSQL。首次启动打印管理员密钥。",
        "Start the service; without REDRESS_DATABASE_URL on an embedded PostgreSQL. The first start prints the "
        "administrator's key.",
    ),
    "demo": Title(
        "在临时沙箱里通过 REST API 演示一整件投诉并打印时间线；不动任何已有的数据。",
        "Play the whole reference procedure on a sandbox of its own, through the REST API, and print the timeline. It "
        "touches nothing that is there.",
    ),
    "demo-people": Title(
        "为流程的每个角色建一个示范人员，打印各人的密钥（只此一次），以便按真实角色试用。库中已有真实人员时须加 --yes。",
        "Make a demo person for each role of a procedure and print their keys, this once, so that a first try meets the "
        "real roles. Where real people have keys already it asks for --yes.",
    ),
    "migrate": Title("把数据库表结构升到最新；没有数据库时新建。", "Bring the database's schema up to date; makes the database."),
    "import": Title(
        "接收其他系统的投诉文件，连同办理步骤；先用 --dry-run 看逐行报告。",
        "Take a file of another system's complaints over, with their steps; look at the report of --dry-run first.",
    ),
    "backup": Title(
        "把数据库备份到新文件夹，服务可以照常运行；主密钥不在其中。",
        "Back the database up into a new folder while it is used; the master key is not in it.",
    ),
    "restore": Title(
        "从备份恢复到新的部署；先核对主密钥和校验和，绝不覆盖。",
        "Put a backup back into a new deployment; key and checksums are checked first, nothing is overwritten.",
    ),
    "export": Title(
        "把历史写成自证的文件：每个事件一行，个人信息仍为密文，附检查点；任何人可用 proof/verify.py 核验。",
        "Write the history into a file that proves itself: a line for each event, personal data sealed, with the signed "
        "checkpoints; anybody checks it with proof/verify.py.",
    ),
    "verify": Title(
        "核验导出文件：全部相符则退出码为 0；否则为 1，并指出第一个不符的事件及其手法。",
        "Check an export: exit code 0 where everything fits, else 1, and the first event that does not fit with what was "
        "done to it.",
    ),
    "checkpoint": Title(
        "立即签署检查点并打印；请存放在本系统之外。", "Sign a checkpoint now and print it; keep it outside of this system."
    ),
    "signing-key": Title("打印签署检查点的公钥。", "Print the public key that checkpoints are signed with."),
    "rebuild": Title(
        "从事件日志重建查询视图：旧视图照常服务，比较之后再切换。",
        "Make read models anew from the log while the old ones serve; compare, then switch.",
    ),
    "people": Title("在本服务工作的人员和系统。", "Who works with the service: people and machines."),
    "people list": Title("列出在本服务工作的人员和系统。", "List who works with the service."),
    "people add": Title(
        "登记一名人员，或一个系统（只有 integration、partner 角色）。",
        "Add a person, or a machine (roles integration and partner).",
    ),
    "people change": Title("变更某人的信息；人还是那个人。", "Change what somebody is; they stay who they are."),
    "people leave": Title(
        "登记某人离开：其密钥不再有效，其在办投诉列给其上级。",
        "Say that somebody leaves: none of their keys is taken then, and their open cases are listed for their manager.",
    ),
    "units": Title("责任单位。", "The responsible units."),
    "units list": Title("列出流程所列的单位和本部署自己的单位。", "List the units that procedures name, and the deployment's own."),
    "units add": Title(
        "建立一个单位：此后人员可以属于它，投诉可以派给它。",
        "Make a unit: people can belong to it and complaints be sent to it from now on.",
    ),
    "oidc": Title("OpenID Connect 签发方的令牌。", "Tokens of an OpenID Connect issuer."),
    "oidc check": Title(
        "检查规则文件；错误指明行和字段。", "Check a file of rules; a mistake is named with its line and field."
    ),
    "softphone": Title(
        "把软电话或交换机的话务事件送到 Redress；运行在电话所在的机器上。",
        "Post what a softphone or exchange does to Redress; runs where the telephones are.",
    ),
    "softphone run": Title(
        "持续送出话务事件，直到停止；任何一方被中断都不丢失、不重复。密钥由 REDRESS_CALL_SECRET 给出，话务系统的口令由 REDRESS_PHONE_SECRET 给出。",
        "Post what a telephone system does, until stopped; nothing is lost or doubled, whoever is killed. The source's "
        "secret comes by REDRESS_CALL_SECRET, the telephone system's password by REDRESS_PHONE_SECRET.",
    ),
    "softphone demo": Title(
        "让本机的两部软电话互相通话，看由此受理的投诉。", "Let two softphones call each other here, and see the complaint that comes of it."
    ),
    "softphone say": Title(
        "在话务系统所报之外再送一个事件：话后小结及其表单、评分等。",
        "Post an event beside what the telephone says: a wrap-up with its form, a score.",
    ),
    "softphone status": Title("还有多少待送，哪些被拒收、为什么。", "What waits to be posted, and what was refused and why."),
    "softphone retry": Title("原因消除后，重新送出被拒收的事件。", "Post again what was refused, once its cause is gone."),
    "keys": Title("谁可以调用：API 密钥。", "Who may call: API keys."),
    "keys create": Title("建立一把密钥并打印（只此一次）。", "Create a key and print it, this once."),
    "keys list": Title("列出密钥；密钥本身没有保存。", "List the keys; their secrets are not stored."),
    "keys revoke": Title(
        "吊销一把密钥；命令结束时，任何运行中的服务都不再接受它。",
        "Revoke a key; no running service takes it any more when this is done.",
    ),
    "procedures": Title(
        "流程：本部署发布了哪些，写着什么，您自己的文件对不对。",
        "The procedures: which are published here, what they say, and whether your own file is right.",
    ),
    "procedures list": Title(
        "列出本部署现行的流程；没有部署时列出随附的流程。",
        "List the procedures in force in this deployment; where there is none, those that come with Redress.",
    ),
    "procedures show": Title(
        "显示一个流程的时限、规则，以及谁可以办理哪个步骤。",
        "Show a procedure's clocks, its rules, and who may take which step.",
    ),
    "procedures draw": Title(
        "画出一个流程：状态、步骤及可以办理的角色、时限的起止。",
        "Draw a procedure: states, steps with the roles that may take them, and clocks as spans between moments.",
    ),
    "procedures publish": Title(
        "发布流程文件：新投诉按它受理，在办投诉仍按原版本。",
        "Publish a procedure file: new complaints are received under it, open ones keep their version.",
    ),
    "procedures check": Title(
        "检查流程文件：写法，以及走一遍会怎样。每个错误都指明行和字段，走不通之处举例说明；提醒不算错误。",
        "Check a procedure file: how it is written, and what comes of it when it is walked through. Every mistake is named "
        "with its line and field, dead ends and the like with an example. Warnings are no mistakes.",
    ),
    "calendars": Title("工作日历：哪些日子和时段算工作时间。", "The calendars: which days and hours count as working time."),
    "calendars list": Title(
        "列出本部署现行的日历及已有放假通知的年份，其他年份为暂定；没有部署时列出随附的日历。",
        "List the calendars in force in this deployment, and the years whose notice of holidays is in them; any other year "
        "is provisional. Where there is no deployment, those that come with Redress.",
    ),
    "calendars check": Title(
        "检查日历文件；错误指明行和字段。", "Check a calendar file; a mistake is named with its line and field."
    ),
    "calendars publish": Title(
        "发布日历文件：新投诉按它受理；在办投诉要在应用之后才改期。",
        "Publish a calendar file: new complaints are received under it; open ones move only when it is applied.",
    ),
    "notifications": Title("通知了谁、通知了什么，以及没有发出的。", "Who was told of what, and what could not be sent."),
    "notifications list": Title(
        "列出通知，最新的在前；默认列出已放弃发送的。",
        "List notifications, the newest first; by default those that were given up.",
    ),
    "notifications retry": Title(
        "让运行中的服务重新发送一条已放弃的通知，尝试次数从头算起。",
        "Let a running service send a dead letter anew, with all its attempts before it again.",
    ),
    "access-log": Title("谁看过什么：保存了多少，保存多久。", "Who looked at what: how much is kept, and for how long."),
    "access-log show": Title(
        "说明访问记录有多少条、从何时到何时、占用多大。",
        "Say how many rows the access log has, from when to when, and how large it is.",
    ),
    "access-log prune": Title(
        "删除更早的访问记录，删除一事记入其中；不加 --yes 只说明有多少条。",
        "Remove rows that are older; that they were removed stays in the log. Without --yes only say how many.",
    ),
    "clock": Title("部署的时钟，即数据库的时钟。", "The deployment's clock, which is the database's."),
    "clock show": Title(
        "把数据库的时钟与本机服务推算的时间比较；跳变时以失败结束。",
        "Compare the database's clock with what this machine's services make of the time; fails where it has leapt.",
    ),
    "clock accept": Title(
        "认可数据库现在的时钟：到期的立即判定。",
        "Believe the database's clock as it is now: what is due by it is judged at once.",
    ),
}

PARAMETERS: Final[Mapping[str, Title]] = {
    "import file": Title("CSV（UTF-8 或 GB18030）、XLSX 或 NDJSON。", "CSV (UTF-8 or GB18030), XLSX or NDJSON."),
    "import mapping": Title("对应表，YAML。", "The mapping, YAML."),
    "import dry_run": Title("只出报告，不接收。", "Report only; take nothing."),
    "import suggest": Title("为此文件打印一份初稿对应表。", "Print a first mapping for this file."),
    "import procedure": Title("与 --suggest 同用：对应表的流程。", "With --suggest: the procedure of the mapping."),
    "import report": Title(
        "逐行报告写到哪里：CSV，文件名以 .xlsx 结尾时为 XLSX。", "Where to write the report by row: CSV, or XLSX by its name."
    ),
    "import by": Title("谁导入，历史中如此显示。", "Who imports, as the history will show."),
    "softphone run to": Title("Redress 服务的地址。", "The service's address."),
    "softphone run source": Title("来源名称，与 /v1/call-sources 一致。", "The source's name, as at /v1/call-sources."),
    "softphone run baresip": Title("运行中的 baresip 的 ctrl_tcp，主机:端口。", "A running baresip's ctrl_tcp, HOST:PORT."),
    "softphone run asterisk": Title("Asterisk 的管理接口（AMI），主机:端口。", "Asterisk's manager interface (AMI), HOST:PORT."),
    "softphone run freeswitch": Title("FreeSWITCH 的事件套接字，主机:端口。", "FreeSWITCH's event socket, HOST:PORT."),
    "softphone run webhooks": Title(
        "在本机此地址接收 newCall、answer、hangup，主机:端口。", "Listen here for newCall, answer and hangup, HOST:PORT."
    ),
    "softphone run agent": Title("与 --baresip 同用：谁的软电话。（默认：其账号）", "With --baresip: whose softphone it is. (default: its account)"),
    "softphone run user": Title("与 --asterisk 同用：AMI 的用户。", "With --asterisk: the manager's user."),
    "softphone run recordings": Title("与 --freeswitch 同用：录音所在的 https 地址。", "With --freeswitch: where its recordings are found, https."),
    "softphone run secret_file": Title("存有来源密钥的文件。", "A file with the source's secret."),
    "softphone run secret": Title("来源的密钥，由 REDRESS_CALL_SECRET 给出。", "The source's secret, by REDRESS_CALL_SECRET."),
    "softphone run password": Title(
        "话务系统的口令，由 REDRESS_PHONE_SECRET 给出。", "The telephone system's password, by REDRESS_PHONE_SECRET."
    ),
    "spool": Title("暂存文件，在本机。", "The spool: a file on this machine."),
    "softphone say type": Title("如 call.wrap_up。", "Such as call.wrap_up."),
    "softphone say source": Title("来源名称，与 /v1/call-sources 一致。", "The source's name, as at /v1/call-sources."),
    "softphone say call": Title("哪次通话，用话务系统的通话号。", "Which call, by the system's id."),
    "softphone say data": Title("事件数据的文件，一个 JSON 对象。", "A file with the event's data, a JSON object."),
    "backup to": Title("尚不存在的文件夹。", "A folder that does not exist yet."),
    "export to": Title("要写入的文件，不能已存在。", "The file to write; it must not be there yet."),
    "export after": Title("只导出此位置之后的事件。", "Only events after this position."),
    "export until": Title("只导出到此位置为止的事件。", "Only events up to this position."),
    "export procedure": Title("只导出此流程的案件。", "Only the cases of this procedure."),
    "verify file": Title("导出文件。", "An export."),
    "verify key": Title("公钥，或存有公钥的文件。", "The public key, or a file with it."),
    "verify checkpoint": Title("您所持检查点的文件；可多次。", "A file with a checkpoint that you hold; more than once."),
    "signing-key rotate": Title("此后改用新密钥签署。", "Sign with a new key from now on."),
    "backup with_key": Title("把主密钥放进备份：备份从此自己能打开。", "Put the master key into the backup, which then opens itself."),
    "restore source": Title("备份的文件夹。", "The folder of a backup."),
    "restore key_file": Title("主密钥文件，备份中没有时用。", "A file with the master key, where it is not in the backup."),
    "data": Title(
        "自带数据库所在的文件夹。（默认：.redress）", "Folder of the embedded database. (default: .redress)"
    ),
    "language": Title("zh 或 en。（默认：命令行的语言）", "zh or en. (default: that of the command line)"),
    "packaged": Title(
        "随本版本附带的，而不是本部署发布的；--published 则只认本部署的。",
        "Those that come with this release, not those published here; --published takes none but those.",
    ),
    "procedure": Title("流程代码或文件。", "A procedure's code, or a file."),
    "file": Title("YAML 文件。", "A YAML file."),
    "wanted": Title("显示版本号。", "Which version this is."),
    "help": Title("显示本说明。", "Show this message and exit."),
    "serve host": Title("监听的地址。", "Address to listen on."),
    "serve port": Title("监听的端口；0 表示任选一个空闲端口。", "Port to listen on; 0 takes a free one."),
    "serve workers": Title("应答请求的进程数。", "Processes that answer requests."),
    "serve sandbox": Title(
        "沙箱：时间静止，由 PUT /v1/sandbox/clock 拨动。", "A sandbox: time stands still until PUT /v1/sandbox/clock."
    ),
    "demo lines": Title("不用颜色和边框。", "No colours and no boxes."),
    "demo-people procedures": Title(
        "为哪个流程的角色；可重复给出。（默认：kf0001）", "Whose roles; give the option again for several. (default: kf0001)"
    ),
    "demo-people yes": Title("库中已有真实人员时仍然建立。", "Also where real people have keys."),
    "rebuild names": Title("tracking、sla、seats 等；不写则全部。", "tracking, sla, seats; without a name, all."),
    "rebuild dry_run": Title("只比较，不切换。", "Compare only; switch nothing."),
    "people list everybody": Title("也列出已离开的。", "Also those who have left."),
    "people leave on": Title("自何时起不在。（默认：现在）", "The first moment at which they are gone. (default: now)"),
    "people change name": Title("今后的姓名。", "Their name from now on."),
    "people change from_": Title("角色和单位自何时起如此。（默认：现在）", "From when roles and unit are so. (default: now)"),
    "people change no_unit": Title("不再属于任何单位。", "They belong to no unit."),
    "people add key": Title("同时发一把密钥并打印（只此一次）。", "Give them a key, and print it, this once."),
    "units add code": Title("单位代码。", "The unit's code."),
    "units add zh": Title("中文名称。", "What it is called in Chinese."),
    "units add en": Title("英文名称。", "What it is called in English."),
    "units add parent": Title("上级单位的代码。", "The code of the unit above it."),
    "units add lead": Title("负责人的标识。", "The id of who leads it."),
    "units add region": Title("所在区域。", "Its region."),
    "oidc check token": Title("显示此令牌会得到什么；- 表示从输入读取。", "Show what this token would give; - reads it from the input."),
    "oidc check unit": Title("本部署自己的单位。", "A unit of the deployment's own."),
    "oidc check role": Title("本部署所发布流程的角色。", "A role of a procedure published there."),
    "procedures check seconds": Title("最多走查多少秒。", "How many seconds it may walk and look."),
    "procedures check turns": Title("走查最多几次转折的走法。", "Ways with up to so many turns."),
    "id": Title("标识，即历史中显示的。", "The id, as the history shows it."),
    "name": Title("大家所知的姓名。", "The name people know them by."),
    "role": Title("角色；可重复给出。", "A role; give the option again for several."),
    "unit": Title("所属责任单位。", "The responsible unit they belong to."),
    "staff_no": Title("工号，也可据此指名。", "The staff number, by which they may be named."),
    "email": Title("电子邮箱。", "Their e-mail address."),
    "phone": Title("电话。", "Their telephone number."),
    "reason": Title("原因，供审计查看。", "Why, for the auditor."),
    "keys create id": Title("历史中显示的标识。（默认：由姓名得出）", "The id the history will show. (default: from the name)"),
    "procedures show sources": Title("附上每个时限所依据的原文。", "With the sentence each clock comes from."),
    "procedures draw form": Title(
        "mermaid 或 svg；不写则按 --to 的扩展名，否则 mermaid。", "mermaid or svg; without it, as --to ends, else mermaid."
    ),
    "procedures draw to": Title("写入的文件；不写则输出到标准输出。", "The file to write; else standard output."),
    "access-log show older_than": Title("天数：早于此的有多少条。", "Days: how many rows are older."),
    "access-log prune older_than": Title("天数：早于此的删除。", "Days: what is older is removed."),
    "access-log prune yes": Title("确实删除。", "Really remove them."),
    "access-log prune by": Title("谁删除，访问记录中如此显示。", "Who removes, as the log will show."),
    "notifications list state": Title("只列此状态的。", "Only those in this state."),
    "notifications list limit": Title("最新的多少条。", "The newest so many."),
    "notifications retry id": Title("通知的标识，见 notifications list。", "The notification's id, as the list shows it."),
}

# As they are typed; the program's name is put before each.
EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("serve", "demo", "procedures list"),
    "serve": ("serve", "serve --port 9000 --data /srv/redress", "serve --sandbox --data .sandbox"),
    "demo": ("demo",),
    "demo-people": ("demo-people", "demo-people --procedure courier --data .sandbox"),
    "migrate": ("migrate",),
    "export": ("export --to history.ndjson", "export --to kf0001.ndjson --procedure kf0001 --after 1000"),
    "verify": ("verify history.ndjson --key auditor.pub --checkpoint held.txt",),
    "checkpoint": ("checkpoint",),
    "signing-key": ("signing-key", "signing-key --rotate"),
    "rebuild": ("rebuild", "rebuild tracking --dry-run"),
    "people list": ("people list --all",),
    "people add": ("people add li-min --name 李敏 --role agent --key",),
    "people change": ("people change li-min --role manager --reason 晋升",),
    "people leave": ("people leave li-min --reason 离职",),
    "units list": ("units list",),
    "units add": ("units add clearing --zh 清算部 --en Clearing",),
    "oidc check": ("oidc check rules.yaml",),
    "keys create": ("keys create --name 李敏 --id li-min --role agent", "keys create --name 周琪 --role unit --unit settlement"),
    "keys list": ("keys list",),
    "keys revoke": ("keys revoke li-min",),
    "procedures list": ("procedures list", "procedures list --packaged"),
    "procedures show": ("procedures show kf0001 --sources", "procedures show ./mine.yaml"),
    "procedures draw": ("procedures draw kf0001 --to kf0001.svg",),
    "procedures check": ("procedures check mine.yaml",),
    "procedures publish": ("procedures publish mine.yaml",),
    "calendars list": ("calendars list",),
    "calendars check": ("calendars check cn-2027.yaml",),
    "calendars publish": ("calendars publish cn-2027.yaml",),
    "notifications list": ("notifications list", "notifications list --state waiting --limit 20"),
    "notifications retry": ("notifications retry 6f9619ff-8b86-4d01-8b2d-00c04fc964ff",),
    "access-log show": ("access-log show", "access-log show --older-than 365"),
    "access-log prune": ("access-log prune --older-than 1095", "access-log prune --older-than 1095 --yes"),
    "clock show": ("clock show",),
    "clock accept": ("clock accept",),
}
EXAMPLE: Final = Title("例：", "For example:")
# What the library calls the parts of a help text.
PANELS: Final[Mapping[str, Title]] = {
    "ARGUMENTS_PANEL_TITLE": Title("参数", "Arguments"),
    "OPTIONS_PANEL_TITLE": Title("选项", "Options"),
    "COMMANDS_PANEL_TITLE": Title("命令", "Commands"),
    "ERRORS_PANEL_TITLE": Title("错误", "Error"),
    "DEFAULT_STRING": Title("[默认：{}]", "[default: {}]"),
    "REQUIRED_LONG_STRING": Title("[必填]", "[required]"),
}
