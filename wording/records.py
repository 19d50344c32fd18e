"""What the service itself writes down as people would: of a customer who was looked up, of calls that surged."""

from typing import Final

from domain.titles import Title

NO_SUCH_CUSTOMER: Final = Title("客户系统中没有该客户", "The customer system has no such customer")
COMPARED: Final[dict[str, Title]] = {
    "name": Title("姓名", "name"),
    "phone": Title("电话", "phone"),
    "customer_no": Title("客户编号", "customer number"),
}
AGREES: Final = Title("与客户系统一致: {fields}", "Agrees with the customer system: {fields}")
DIFFERS: Final = Title("与客户系统不一致: {fields}", "Differs from the customer system: {fields}")
SURGE: Final = Title("呼入量异常增长", "Call surge")
SURGE_FACTS: Final = Title(
    "{source}: {since} 起的一小时内 {calls} 个，平时 {usual:g} 个（前 {days} 天同一小时的均值），超过 {multiple:g} 倍。",
    "{source}: {calls} calls in the hour from {since}; usual are {usual:g} (mean of this hour on {days} days), so more than {multiple:g} times that.",
)
