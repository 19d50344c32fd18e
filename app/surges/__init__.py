"""呼入量异常: calls are counted, and an incident is opened when they surge."""
