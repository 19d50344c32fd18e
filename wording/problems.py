"""What is wrong with a request itself, before any rule is asked: by the slug of the problem; and headings by status."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Language, Title
from wording.refusals.sentence import RefusalWords
from wording.sentences import joined, sentence

HEADINGS: Final[dict[int, Title]] = {
    400: Title("请求有误", "Bad request"),
    401: Title("未验证身份", "Not authenticated"),
    403: Title("无权操作", "Not permitted"),
    404: Title("没有找到", "Not found"),
    405: Title("不支持此方法", "Method not allowed"),
    408: Title("请求超时", "Too slow"),
    409: Title("按规则不能进行", "Refused by the rules"),
    412: Title("内容已有更新", "Changed meanwhile"),
    413: Title("请求过大", "Too large"),
    415: Title("不支持的媒体类型", "Unsupported media type"),
    422: Title("内容无效", "Not valid"),
    429: Title("请求过于频繁", "Too many requests"),
    431: Title("请求头过大", "Too large"),
    500: Title("内部错误", "Internal error"),
    503: Title("暂时不可用", "Temporarily unavailable"),
}
ERROR: Final = Title("错误", "Error")
# Where the slug says more than the status.
OWN_HEADINGS: Final[dict[str, Title]] = {
    "malformed-json": Title("请求体格式有误", "Malformed body"),
    "still-in-flight": Title("仍在处理", "Still in flight"),
}
PROBLEMS: Final[Mapping[str, RefusalWords]] = {
    "incomplete-body": RefusalWords(Title("请求体没有发送完就中断了。", "The body broke off before its end.")),
    "body-too-slow": RefusalWords(
        Title("请求体未能在 {seconds} 秒之内送达。", "The body did not arrive within {seconds} seconds.")
    ),
    "not-json": RefusalWords(
        Title(
            "请以 application/json 发送请求体，用 UTF-8 编码，不压缩。",
            "Send the body as application/json, encoded in UTF-8 and not compressed.",
        )
    ),
    "not-a-form": RefusalWords(
        Title(
            "请以 multipart/form-data 发送，含 file 和 mapping 两部分。",
            "Send the body as multipart/form-data with the parts file and mapping.",
        )
    ),
    "malformed-form": RefusalWords(
        Title("表单的各部分无法读出。", "The parts of the form cannot be read.")
    ),
    "invalid-body": RefusalWords(Title("请求体无效；见 errors。", "The body is not valid; see errors.")),
    "malformed-json": RefusalWords(
        Title("请求体无法读取。", "The body cannot be read."),
        {
            "encoding": Title("它不是有效的 UTF-8。", "It is not valid UTF-8."),
            "line": Title(
                "它不是有效的 JSON（第 {line} 行，第 {column} 列）。",
                "It is not valid JSON (line {line}, column {column}).",
            ),
            "depth": Title("它嵌套得太深。", "It is nested too deeply."),
            "digits": Title("其中有过长的数字。", "It holds a number that is too long."),
            "twice": Title("同一对象中有重复的名称。", "A name stands twice in one object."),
            "constant": Title("{constant} 不是 JSON。", "{constant} is not JSON."),
        },
    ),
    "no-cloud-event": RefusalWords(
        Title(
            "请以 application/cloudevents+json、application/cloudevents-batch+json，或以 ce- 请求头加 application/json 发送。",
            "Send it as application/cloudevents+json, application/cloudevents-batch+json, "
            "or with ce- headers as application/json.",
        )
    ),
    "too-many-events": RefusalWords(
        Title("一批最多 {most} 个事件。", "A batch has {most} events at most.")
    ),
    "not-your-source": RefusalWords(
        Title(
            "此签名只对它自己的 source 有效。",
            "This signature is good for events of its own source and no other.",
        )
    ),
    "too-large": RefusalWords(
        Title("请求超过了本服务的上限。", "The request is larger than this service takes."),
        {"bytes": Title("请求体最多 {bytes:,} 字节。", "A body may hold {bytes:,} bytes at most.")},
    ),
    "head-too-large": RefusalWords(
        Title("请求头最多 64 kB。", "The head of a request has 64 kB at most."),
    ),
    "invalid-cursor": RefusalWords(
        Title(
            "此游标不属于这个列表；请从第一页重新开始。",
            "This cursor does not belong to this list; start again from the first page.",
        )
    ),
    "unknown-parameter": RefusalWords(
        Title("没有这个参数。", "There is no such parameter."),
        {
            "known": Title("可用的参数：{known}。", "There are {known}."),
            "none": Title("此处不用参数。", "There are none."),
        },
    ),
    "invalid-parameters": RefusalWords(Title("参数无效；见 errors。", "A parameter is not valid; see errors.")),
    "invalid-idempotency-key": RefusalWords(
        Title(
            "Idempotency-Key 由 1 至 128 个可见的 ASCII 字符组成。",
            "An Idempotency-Key has 1 to 128 visible ASCII characters.",
        )
    ),
    "malformed-if-match": RefusalWords(
        Title(
            'If-Match 须为 ETag 中的版本，如 "4"。',
            'If-Match takes the version from an ETag, as in "4".',
        )
    ),
    "no-such-resource": RefusalWords(Title("此地址没有内容。", "There is nothing at this address.")),
    "method-not-allowed": RefusalWords(
        Title(
            "此地址不支持该方法；见 Allow 响应头。",
            "This address does not answer to that method; see the Allow header.",
        )
    ),
    "http-error": RefusalWords(Title("请求无法处理。", "The request could not be handled.")),
    "internal-error": RefusalWords(
        Title("发生了意外错误，已记入日志。", "Something unexpected happened; it has been logged.")
    ),
    "cannot-recover": RefusalWords(
        Title(
            "此进程无法自行恢复；请结束后重新启动。", "This process cannot recover by itself; end it and start it again."
        )
    ),
    "not-ready": RefusalWords(
        Title("服务尚未就绪。", "The service is not ready."),
        {
            "away": Title("无法连接数据库。", "The database cannot be reached."),
            "pending": Title(
                "数据库表结构不是最新的：请运行 `redress migrate`。",
                "The database's schema is not up to date: run `redress migrate`.",
            ),
            "lagging": Title("查询视图落后于事件日志。", "The read models lag behind the log."),
        },
    ),
}


def problem_in_words(slug: str, facts: Mapping[str, object], language: Language) -> str:
    """Its sentences. A fact that is None or False is not given."""
    words = PROBLEMS[slug]
    added = [part for name, part in words.more.items() if facts.get(name) not in (None, False)]
    return joined((sentence(part, language, **facts) for part in (words.sentence, *added)), language)


def heading_of(status: int, slug: str, language: Language) -> str:
    return (OWN_HEADINGS.get(slug) or HEADINGS.get(status) or ERROR).in_(language)
