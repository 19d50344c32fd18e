"""What the commands of operators say; why one is refused by a rule stands in wording/refusals."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title

# Starting
ANSWERS_AT: Final = Title("{name} 已启动：{address}（按 Ctrl-C 停止）", "{name} answers at {address}  (Ctrl-C stops it)")
DATABASE: Final = Title("数据库：{database}", "Database: {database}")
GIVEN_DATABASE: Final = Title("REDRESS_DATABASE_URL 所指的数据库", "the database of REDRESS_DATABASE_URL")
EMBEDDED_DATABASE: Final = Title("{folder} 中自带的 PostgreSQL", "embedded PostgreSQL in {folder}")
GIVEN_AT: Final = Title("REDRESS_DATABASE_URL 所指的 {where}", "{where}, as REDRESS_DATABASE_URL says")
RUNS_ALREADY: Final = Title("正在运行", "it runs already")
STARTED_FOR_THIS: Final = Title("为本命令启动", "started for this command")
SANDBOX_AT: Final = Title("沙箱，时间停在 {now}", "a sandbox, whose time stands at {now}")
SANDBOX_SERVED: Final = Title(
    "沙箱：时间停在 {now}，由 PUT /v1/sandbox/clock 拨动；在登记任何事项之前，第一次可以拨到任何时间，此后只进不退。",
    "A sandbox: its time stands at {now}, and PUT /v1/sandbox/clock moves it; to any time at first, as long as nothing is "
    "recorded, then only forward.",
)
FIRST_STEPS: Final = Title(
    "管理员只管理人员、密钥和规则，不办理投诉。试用请另开终端运行 `redress demo-people{data}`：每个角色一名示范人员，各有密钥。",
    "The administrator administers people, keys and rules, and takes no steps of a complaint. For a first try run "
    "`redress demo-people{data}` in another terminal: a person for each role, each with a key.",
)
MASTER_KEY_MADE: Final = Title(
    "主密钥：已生成于 {path}（权限 0600）。请另存一份：没有它就再也读不出个人信息。",
    "Master key: made in {path} (mode 0600). Keep a copy elsewhere: without it no personal data can be read again.",
)
ADMIN_KEY_MADE: Final = Title("管理员密钥（只显示这一次）：{key}", "Administrator key, shown this once: {key}")
MIGRATED: Final = Title("已执行：{revisions}。", "Applied {revisions}.")
UP_TO_DATE: Final = Title("数据库表结构已是最新。", "The schema is up to date.")
# Imports
MAPPING_MISSING: Final = Title(
    "请用 --mapping 指明映射文件；用 --suggest 可得到初稿。",
    "Name the mapping with --mapping; --suggest prints a first one for the file.",
)
MAPPING_NOT_UTF8: Final = Title("映射文件须为 UTF-8 编码。", "The mapping has to be written in UTF-8.")
IMPORT_GOES_ON: Final = Title(
    "上次导入未完成，从第 {rows} 行之后继续。", "The import of this file was cut off after row {rows} and goes on."
)
IMPORT_IS_DONE: Final = Title(
    "导入{state}：{rows} 行（{encoding}），标识 {id}。", "Import: {state}. {rows} rows ({encoding}), id {id}."
)
IMPORT_WAS_TRIED: Final = Title(
    "试导入{state}：{rows} 行（{encoding}），未导入任何投诉，标识 {id}。",
    "Dry run: {state}. {rows} rows ({encoding}), nothing was taken, id {id}.",
)
TAKEN_WITH: Final = Title("有说明", "With a remark")
NOT_TAKEN: Final = Title("未导入", "Not taken")
REMARKED: Final = Title("{outcome}，第 {rows} 行：{remarks}", "{outcome}, row {rows}: {remarks}")
REMARKED_OF_MANY: Final = Title(
    "{outcome}，共 {count} 行（如第 {rows} 行）：{remarks}", "{outcome}, {count} rows (as row {rows}): {remarks}"
)
REPORT_WRITTEN: Final = Title("逐行报告已写入 {path}。", "The report by row is in {path}.")
REPORT_IS_LONGER: Final = Title(
    "还有更多：用 --report FILE 得到全部。", "There is more: --report FILE writes all of it."
)
ACCESS_LOG_HOLDS: Final = Title(
    "访问记录 {rows} 条（{first} 至 {last}），占用 {megabytes} MB；其中早于 {days} 天的有 {older} 条。",
    "The access log has {rows} rows ({first} to {last}) and takes {megabytes} MB; {older} are older than {days} days.",
)
ACCESSES_TO_REMOVE: Final = Title(
    "早于 {days} 天的访问记录有 {rows} 条，尚未删除：加上 --yes 才删除。",
    "{rows} rows of the access log are older than {days} days. None was removed: say --yes to remove them.",
)
ACCESSES_REMOVED: Final = Title(
    "已删除早于 {days} 天的访问记录 {rows} 条；删除一事已记入访问记录。",
    "{rows} rows older than {days} days were removed from the access log, which says so.",
)
OWNER_ONLY: Final = Title(
    "REDRESS_DATABASE_URL 的账号不是数据库的所有者，不能删除访问记录：请改用所有者的账号。",
    "The login of REDRESS_DATABASE_URL does not own the database and cannot remove rows: use the login that owns it.",
)
# Proof
FILE_EXISTS: Final = Title("{file} 已存在，不会覆盖。", "{file} is there already, and is not overwritten.")
EXPORTING: Final = Title("导出中", "exporting")
EXPORTED: Final = Title("已导出到 {file}。", "Exported into {file}.")
VERIFY_WITH: Final = Title(
    "核验：redress verify {file} --key {key}（或只用一个文件：python3 proof/verify.py）",
    "Check it: redress verify {file} --key {key} (or with one file alone: python3 proof/verify.py)",
)
NOT_SEALED: Final = Title(
    "日志未能在十分钟内封存完毕；请看服务的日志。", "The log was not sealed within ten minutes; look at the service's log."
)
KEYS_FOLLOWED: Final = Title(
    "这是第一把公钥，核验一直用它；此后更换过 {count} 次，每一把由前一把担保。",
    "This is the first key, which exports are checked with for ever; {count} followed, each vouched for by the one before.",
)
# Backups
BACKING_UP: Final = Title("备份中", "backing up")
CHECKING_BACKUP: Final = Title("核对备份", "checking the backup")
RESTORING: Final = Title("恢复中", "restoring")
BACKED_UP: Final = Title(
    "已备份到 {folder}：截至事件 {position}，{megabytes} MB。",
    "Backed up into {folder}: up to event {position}, {megabytes} MB.",
)
KEY_NOT_IN_BACKUP: Final = Title(
    "主密钥（指纹 {fingerprint}）不在备份里：请另行保存，没有它就读不出个人信息，也无法恢复。",
    "The master key (fingerprint {fingerprint}) is not in the backup: keep a copy of it elsewhere, for without it nothing "
    "personal can be read, and nothing is restored.",
)
KEY_IN_BACKUP: Final = Title(
    "备份里有主密钥（指纹 {fingerprint}）：得到备份的人就能读出一切，请像密钥一样保管。",
    "The master key (fingerprint {fingerprint}) is in the backup: whoever has the one reads everything, so guard it as a key.",
)
RESTORED: Final = Title(
    "已恢复到 {where}：{made_at} 的备份，截至事件 {position}。可用 redress serve 启动。",
    "Restored into {where}: the backup of {made_at}, up to event {position}. Start it with redress serve.",
)
RESTORED_SANDBOX: Final = Title(
    "它是沙盒，须加 --sandbox 启动。", "It is a sandbox, and is served with --sandbox."
)
KEY_FILE_UNREADABLE: Final = Title("无法读取 {file}。", "{file} cannot be read.")
BACKUP_REFUSED: Final[Mapping[str, Title]] = {
    "exists": Title("{folder} 已存在，不会覆盖：请另取名称。", "{folder} exists and is not overwritten: name another one."),
    "no-backup": Title("{folder} 不是备份：缺少 manifest.json。", "{folder} is no backup: it has no manifest.json."),
    "newer-format": Title(
        "{folder} 由更新的版本写成，请先升级。", "{folder} was written by a newer release: upgrade first."
    ),
    "no-database": Title("这不是 Redress 的数据库。", "This is no database of Redress."),
    "another-key": Title(
        "给出的主密钥不是此数据库的，未备份。",
        "The master key is not that of this database; nothing was backed up.",
    ),
    "no-key": Title(
        "备份里没有主密钥（指纹 {fingerprint}）：请设置 REDRESS_MASTER_KEY，或用 --key-file 指明。尚未写入任何内容。",
        "The master key (fingerprint {fingerprint}) is not in the backup: set REDRESS_MASTER_KEY, or name it with --key-file. "
        "Nothing was written.",
    ),
    "wrong-key": Title(
        "给出的主密钥不是此备份的（其指纹为 {fingerprint}）。尚未写入任何内容。",
        "The master key is not that of the backup, whose fingerprint is {fingerprint}. Nothing was written.",
    ),
    "file-missing": Title("备份不完整：缺少 {file}。", "The backup is not whole: {file} is missing."),
    "file-changed": Title(
        "备份已损坏：{file} 与清单中的校验和不符。", "The backup is spoilt: {file} is not what its checksum says."
    ),
    "not-empty": Title("数据库不是空的，不会覆盖。", "The database is not empty, and is not overwritten."),
    "older-postgres": Title(
        "备份来自 PostgreSQL {wants}，此处是 {has}：请用相同或更新的版本。",
        "The backup is of PostgreSQL {wants}, and this is {has}: use the same version or a later one.",
    ),
    "no-program": Title(
        "没有找到 PostgreSQL {major} 或更新版本的 {program}：请安装，或设置 REDRESS_PG_BIN。",
        "No {program} of PostgreSQL {major} or later was found: install it, or set REDRESS_PG_BIN.",
    ),
    "program-failed": Title("{program} 失败：{said}", "{program} failed: {said}"),
}
# What keeps a command from starting
NO_DEPLOYMENT: Final = Title(
    "{folder} 中没有 Redress 的数据库，也没有新建。请在部署所在的文件夹运行，或用 --data 指明数据文件夹，或设置 REDRESS_DATABASE_URL；"
    "要新建部署，请运行 `redress serve`。",
    "There is no database of Redress in {folder}, and none was made. Run this where the deployment is, name its folder by "
    "--data, or set REDRESS_DATABASE_URL; `redress serve` makes a new deployment.",
)
SETTING_INVALID: Final = Title("此设置无效：{settings}。", "This setting is not valid: {settings}.")
LOG_LEVELS: Final = Title(
    "REDRESS_LOG_LEVEL 可用 debug、info、warning、error。",
    "REDRESS_LOG_LEVEL is one of debug, info, warning, error.",
)
POOL_TOO_SMALL: Final = Title(
    "REDRESS_POOL_SIZE 至少为 {least}：其中三个连接一直占用。",
    "REDRESS_POOL_SIZE must be {least} or more: three are held for good.",
)
NO_DATABASE_URL: Final = Title(
    "REDRESS_DATABASE_URL 须指向一个 PostgreSQL 数据库：postgresql://user:password@host:5432/database。",
    "REDRESS_DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host:5432/database.",
)
SET_MASTER_KEY: Final = Title(
    "请设置 REDRESS_MASTER_KEY（32 字节的 base64，可用 `openssl rand -base64 32` 生成），并妥善另存一份：没有它就再也读不出"
    "个人信息。",
    "Set REDRESS_MASTER_KEY (32 bytes in base64, for example from `openssl rand -base64 32`) and keep a copy of it in a "
    "safe place: without it no personal data can be read again.",
)
MASTER_KEY_MISSING: Final = Title(
    "主密钥 {path} 不见了：请用备份恢复，或设置 REDRESS_MASTER_KEY。没有它就读不出个人信息。",
    "The master key {path} is missing: put it back from your copy, or set REDRESS_MASTER_KEY. Without it no personal "
    "data can be read.",
)
MASTER_KEY_SPOILT: Final = Title(
    "{path} 中不是主密钥（32 字节的 base64）：请恢复原文件。",
    "{path} does not hold a master key, 32 bytes in base64: put it back.",
)
MASTER_KEY_INVALID: Final = Title(
    "主密钥须为 32 字节的 base64，可用 `openssl rand -base64 32` 生成。",
    "The master key must be 32 bytes in base64, for example from `openssl rand -base64 32`.",
)
ANOTHER_MASTER_KEY: Final = Title(
    "此数据库以另一个主密钥加密：请把 REDRESS_MASTER_KEY 设为当初启动时的密钥。",
    "This database was sealed with another master key: set REDRESS_MASTER_KEY to the key it was started with.",
)
ADMIN_KEY_WEAK: Final = Title(
    "REDRESS_ADMIN_KEY 至少 {least} 个字符，只用 HTTP 头可以携带的：ASCII 字母、数字和符号，不含空格。可用 `openssl rand -hex 32`"
    " 生成。",
    "REDRESS_ADMIN_KEY needs {least} characters or more, of those that an HTTP header takes: letters, digits and signs "
    "of ASCII, no blanks. `openssl rand -hex 32` makes one.",
)
SCHEMA_PENDING: Final = Title(
    "数据库表结构不是最新的（{revisions}）：请先运行 `redress migrate`。",
    "The database's schema is not up to date ({revisions}): run `redress migrate` first.",
)
ONE_PROCESS: Final = Title(
    "沙箱只有一个时钟，因此只能有一个进程：--workers 请保持为 1。",
    "A sandbox has one clock and so one process: leave --workers at 1.",
)
CANNOT_LISTEN: Final = Title(
    "无法在 {host}:{port} 上监听；请用 --port 另选端口。",
    "Cannot listen on {host}:{port} ({message}); choose another with --port.",
)
# What a deployment is not, by the reason in app/time.py.
WRONG_DEPLOYMENT: Final[Mapping[str, Title]] = {
    "no-sandbox": Title("此数据库不是沙箱。", "This database is not a sandbox."),
    "sandbox": Title(
        "此数据库是沙箱：请加 --sandbox 启动，或换用其他数据库。",
        "This database is a sandbox: serve it with --sandbox, or choose another database.",
    ),
    "real": Title(
        "此数据库保存着真实的投诉：请不加 --sandbox 启动，或换用其他数据库。",
        "This database holds real complaints: serve it without --sandbox, or choose another database.",
    ),
    "another-master-key": ANOTHER_MASTER_KEY,
}
# The database, by what it says
DATABASE_AWAY: Final = Title(
    "无法连接数据库；请检查 REDRESS_DATABASE_URL，以及数据库是否在运行。",
    "The database cannot be reached; see REDRESS_DATABASE_URL, and whether the server runs.",
)
LOGIN_REFUSED: Final = Title(
    "数据库拒绝登录：请检查 REDRESS_DATABASE_URL 中的用户和密码。",
    "The database refused the login: see the user and the password in REDRESS_DATABASE_URL.",
)
NO_SUCH_DATABASE: Final = Title(
    "服务器上没有这个名称的数据库：请创建，或更正 REDRESS_DATABASE_URL。",
    "The server has no database of this name: create it, or correct REDRESS_DATABASE_URL.",
)
SCHEMA_MISSING: Final = Title(
    "数据库表结构缺失或不是最新的：请先运行 `redress migrate`。",
    "The database's schema is missing or not up to date: run `redress migrate` first.",
)
SCHEMA_OLD: Final = Title(
    "数据库表结构不是最新的：请先运行 `redress migrate`。",
    "The database's schema is not up to date: run `redress migrate` first.",
)
TOO_FEW_RIGHTS: Final = Title(
    "数据库登录的权限不足：请由拥有该数据库的登录运行 `redress migrate`，并以该登录或 redress_app 的成员启动服务。",
    "The database's login has too few rights: let the login that owns the database run `redress migrate`, and serve with "
    "that one or with a member of redress_app.",
)
URL_INVALID: Final = Title(
    "REDRESS_DATABASE_URL 无效：请检查其参数。", "REDRESS_DATABASE_URL is not valid: see its parameters."
)
# Files of rules
TOKEN_RULES_WRONG: Final = Title(
    "REDRESS_OIDC_RULES 所指的文件有误：{mistakes}", "The file of REDRESS_OIDC_RULES is wrong: {mistakes}"
)
TOKEN_RULES_RIGHT: Final = Title("{file} 正确。", "{file} is right.")
TOKEN_NOT_CHECKED: Final = Title(
    "以下是该令牌按此文件得出的结果；签名、有效期和签发者没有核对。",
    "What the token gives by this file; its signature, its times and its issuer are not checked.",
)
TOKEN_MALFORMED: Final = Title("这不是 JWT。", "This is no JWT.")
TOKEN_NO_ID: Final = Title("没有标识：无法登录。", "No id: nobody can sign in with it.")
TOKEN_NO_ROLE: Final = Title("没有角色：无法登录。", "No role: nobody can sign in with it.")
RIGHT: Final = Title("{file}：{code} {version} 正确。", "{file}: {code} {version} is right.")
PUBLISHED: Final = Title("{file}：{code} {version} 已发布。", "{file}: {code} {version} is published.")
NOT_PUBLISHED: Final = Title("{file}：{why}", "{file}: {why}")
NO_UTF8: Final = Title("{file}：不是有效的 UTF-8", "{file}: not valid UTF-8")
FILE_LINE: Final = Title("{file}:{line}: {field}：{message}", "{file}:{line}: {field}: {message}")
NO_PROCEDURE: Final = Title(
    "没有流程或文件 {name}；可用的流程：{known}。", "There is no procedure and no file {name}; there are {known}."
)
CANNOT_WRITE: Final = Title("无法写入 {file}。", "{file} cannot be written: {message}.")
DRAWN: Final = Title("{file}：{code} {version}，格式 {form}。", "{file}: {code} {version} as {form}.")
# A published version that says something else, by the reason in procedures/library.py.
VERSION_CHANGED: Final[Mapping[str, Title]] = {
    "another-name": Title(
        "以 {published} 发布的内容却写着 {code} {version}。", "What was published as {published} says {code} {version}."
    ),
    "another-meaning": Title(
        "{published} 的内容与发布时不同：请给它一个新版本。",
        "{published} says something else than when it was published: give it a new version.",
    ),
}
RULES_OF_THE_RELEASE: Final = Title(
    "{folder} 中没有部署：以下是随附的文件，并非已发布的。",
    "There is no deployment in {folder}: these are the files that come with Redress, and not what was published.",
)
PACKAGED_RULES: Final = Title(
    "以下是随附的文件，并非本部署发布的。", "These are the files that come with Redress, and not what was published."
)
COMES_WITH_IT: Final = Title("随附", "with Redress")
# Keys, notifications, read models
REAL_PEOPLE: Final = Title(
    "库中已有 {count} 名真实人员：示范人员不应与他们并存。确要建立请加 --yes。",
    "{count} people who are real have keys here, and demo people do not belong beside them. Add --yes to make them anyway.",
)
DEMO_PERSON: Final = Title("示范·{role}", "Demo {role}")
DEMO_PEOPLE_MADE: Final = Title(
    "请求时带上 `Authorization: Bearer <密钥>`。密钥只显示这一次；用完请以 `redress keys revoke <标识>` 逐一吊销。",
    "Send `Authorization: Bearer <key>` with each request. The keys are shown this once; take them away afterwards, each "
    "with `redress keys revoke <id>`.",
)
SHOWN_BEFORE: Final = Title("（建立时已显示）", "(shown when it was made)")
NO_SUCH_PROCEDURE: Final = Title("没有流程 {name}；可用的流程：{known}。", "There is no procedure {name}; there are {known}.")
NOT_VALID: Final = Title("内容无效：{fields}。", "This is not valid: {fields}.")
NOT_A_TIME: Final = Title(
    "“{written}”不是时间；请写作 2026-06-30 或 2026-06-30T18:00:00+08:00。",
    "“{written}” is no time; write 2026-06-30 or 2026-06-30T18:00:00+08:00.",
)
PERSON_ADDED: Final = Title("已加入 {id}。", "Added {id}.")
PERSON_CHANGED: Final = Title("已更改 {id}，现为版本 {version}。", "Changed {id}, now at version {version}.")
UNIT_ADDED: Final = Title("已建立单位 {code}。", "Made the unit {code}.")
REVOKED: Final = Title("已吊销 {id}。", "Revoked {id}.")
WAITS: Final = Title("{id} 等待发送。", "{id} waits to be sent.")
SWITCHED: Final = Title(
    "已切换；查询视图位于事件序号 {position}。", "Switched; the read models stand at position {position}."
)
COMPARED_ONLY: Final = Title(
    "只作比较，没有切换；查询视图位于事件序号 {position}。",
    "Compared, nothing switched; the read models stand at position {position}.",
)
NOT_TAKEN_IN: Final = Title(
    "{name}：{count} 件未能写入：{some}", "{name}: {count} complaints could not be taken in: {some}"
)
EQUAL: Final = Title("正在使用的表与重建的表一致。", "The tables that serve and the rebuilt ones are equal.")
DIFFERENCES: Final[Mapping[str, Title]] = {
    "gone": Title("{table}：{count} 件本不应有", "{table}: {count} complaints should not have been there"),
    "new": Title("{table}：{count} 件缺失", "{table}: {count} complaints were missing"),
    "different": Title("{table}：{count} 件不同", "{table}: {count} complaints were different"),
}
REMADE: Final = Title(
    "{table}：{gone} 行本不应有，{new} 行缺失",
    "{table}: {gone} rows should not have been there, {new} were missing",
)
# Headings of tables that no list of the API has
HEADINGS: Final[Mapping[str, Title]] = {
    "code": Title("代码", "code"),
    "name": Title("名称", "name"),
    "calendar": Title("工作日历", "calendar"),
    "zone": Title("时区", "zone"),
    "hours": Title("工作时段", "hours"),
    "years": Title("年份", "years"),
    "starts": Title("开始", "starts"),
    "stops": Title("结束", "stops"),
    "limit": Title("期限", "limit"),
    "owes": Title("由谁办理", "owed by"),
    "concerned": Title("适用", "for"),
    "source": Title("依据", "source"),
    "published_by": Title("发布者", "published by"),
    "step": Title("步骤", "step"),
    "roles": Title("角色", "roles"),
    "key": Title("密钥", "key"),
    "begins": Title("密钥开头", "begins"),
    "created": Title("创建时间", "created"),
    "revoked": Title("吊销时间", "revoked"),
    "recipient": Title("接收人", "recipient"),
    "channel": Title("方式", "channel"),
    "attempts": Title("尝试次数", "attempts"),
    "error": Title("错误", "error"),
    "recorded": Title("登记时间", "recorded"),
}
CLOCKS: Final = Title("时限", "Clocks")
SOURCES: Final = Title("时限的依据", "Where the clocks come from")
RULES: Final = Title("规则", "Rules")
WHO_MAY: Final = Title("谁可以执行哪个步骤", "Who may take which step")
EVERY_CASE: Final = Title("全部", "all")
EVERY_YEAR: Final = Title("全部", "all")
OWN_HOURS: Final = Title("已列明", "named")
